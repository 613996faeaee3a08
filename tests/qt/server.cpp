// A server as Qt's documentation writes it: https://doc.qt.io/qt-6/qtcpserver.html
//
// Prints its port, then every line that a client sends. Lines from stdin go to all clients; the
// end of stdin disconnects them, and it ends when the last one is gone.

#include <QCoreApplication>
#include <QList>
#include <QSocketNotifier>
#include <QTcpServer>
#include <QTcpSocket>

#include <cstdio>
#include <unistd.h>

static void print(const QByteArray &bytes)
{
    std::fwrite(bytes.constData(), 1, bytes.size(), stdout);
    std::fflush(stdout);
}

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    QTcpServer server;
    QList<QTcpSocket *> clients;
    bool closing = false;

    QObject::connect(&server, &QTcpServer::newConnection, &app, [&] {
        while (QTcpSocket *client = server.nextPendingConnection()) {
            clients.append(client);
            const auto printLines = [client] {
                while (client->canReadLine())
                    print(client->readLine());
            };
            QObject::connect(client, &QTcpSocket::readyRead, &app, printLines);
            QObject::connect(client, &QTcpSocket::disconnected, &app, [&, client] {
                print(client->readAll());
                clients.removeOne(client);
                client->deleteLater();
                if (closing && clients.isEmpty())
                    app.quit();
            });
        }
    });

    QSocketNotifier input(STDIN_FILENO, QSocketNotifier::Read);
    QObject::connect(&input, &QSocketNotifier::activated, &app, [&] {
        char buffer[4096];
        const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (count > 0) {
            for (QTcpSocket *client : std::as_const(clients))
                client->write(buffer, count);
            return;
        }
        input.setEnabled(false);
        closing = true;
        server.close();
        if (clients.isEmpty())
            app.quit();
        const QList<QTcpSocket *> connected = clients;
        for (QTcpSocket *client : connected)
            client->disconnectFromHost();
    });

    if (!server.listen(QHostAddress::LocalHost)) {
        std::fprintf(stderr, "%s\n", qPrintable(server.errorString()));
        return 1;
    }
    print("port " + QByteArray::number(server.serverPort()) + "\n");
    return app.exec();
}
