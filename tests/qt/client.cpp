// A client as Qt's documentation writes it: https://doc.qt.io/qt-6/qtcpsocket.html
//
// qt-client HOST PORT [--half-close]
//
// Lines from stdin go to the server, lines from the server to stdout. At the end of stdin it
// disconnects; with --half-close it only stops sending (which Qt leaves to the system's socket).

#include <QCoreApplication>
#include <QSocketNotifier>
#include <QTcpSocket>

#include <cstdio>
#include <sys/socket.h>
#include <unistd.h>

static void print(const QByteArray &bytes)
{
    std::fwrite(bytes.constData(), 1, bytes.size(), stdout);
    std::fflush(stdout);
}

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const QStringList arguments = app.arguments();
    if (arguments.size() < 3) {
        std::fprintf(stderr, "qt-client HOST PORT [--half-close]\n");
        return 2;
    }
    const bool halfClose = arguments.contains("--half-close");

    QTcpSocket socket;
    QSocketNotifier input(STDIN_FILENO, QSocketNotifier::Read);
    input.setEnabled(false);
    bool inputEnded = false;

    const auto shutDownWhenWritten = [&] {
        if (inputEnded && halfClose && socket.bytesToWrite() == 0)
            ::shutdown(int(socket.socketDescriptor()), SHUT_WR);
    };

    QObject::connect(&socket, &QTcpSocket::connected, &app, [&] { input.setEnabled(true); });
    QObject::connect(&socket, &QTcpSocket::readyRead, &app, [&] {
        while (socket.canReadLine())
            print(socket.readLine());
    });
    QObject::connect(&socket, &QTcpSocket::bytesWritten, &app, shutDownWhenWritten);
    QObject::connect(&socket, &QTcpSocket::disconnected, &app, [&] {
        print(socket.readAll());
        app.quit();
    });
    QObject::connect(&socket, &QTcpSocket::errorOccurred, &app,
                     [&](QAbstractSocket::SocketError error) {
                         if (error == QAbstractSocket::RemoteHostClosedError)
                             return;
                         std::fprintf(stderr, "%s\n", qPrintable(socket.errorString()));
                         app.exit(1);
                     });
    QObject::connect(&input, &QSocketNotifier::activated, &app, [&] {
        char buffer[4096];
        const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (count > 0) {
            socket.write(buffer, count);
            return;
        }
        input.setEnabled(false);
        inputEnded = true;
        if (halfClose)
            shutDownWhenWritten();
        else
            socket.disconnectFromHost();
    });

    socket.connectToHost(arguments[1], arguments[2].toUShort());
    return app.exec();
}
