// A room as Qt's documentation writes one: https://doc.qt.io/qt-6/qtcpserver.html
//
// `echo` gives each client its own lines back, `relay` gives them to all others. It prints
// `Listening on ADDRESS` and goes on until it is killed.

#include <QCoreApplication>
#include <QList>
#include <QTcpServer>
#include <QTcpSocket>

#include <cstdio>

int main(int argc, char **argv)
{
    QCoreApplication app(argc, argv);
    const bool isEcho = app.arguments().value(1) == QLatin1String("echo");
    QTcpServer server;
    QList<QTcpSocket *> clients;

    QObject::connect(&server, &QTcpServer::newConnection, &app, [&] {
        while (QTcpSocket *client = server.nextPendingConnection()) {
            // As all servers that are compared have it.
            client->setSocketOption(QAbstractSocket::LowDelayOption, 1);
            clients.append(client);
            QObject::connect(client, &QTcpSocket::readyRead, &app, [&, client] {
                while (client->canReadLine()) {
                    const QByteArray line = client->readLine();
                    if (isEcho) {
                        client->write(line);
                        continue;
                    }
                    for (QTcpSocket *other : std::as_const(clients)) {
                        if (other != client)
                            other->write(line);
                    }
                }
            });
            QObject::connect(client, &QTcpSocket::disconnected, &app, [&, client] {
                clients.removeOne(client);
                client->deleteLater();
            });
        }
    });

#if QT_VERSION >= QT_VERSION_CHECK(6, 3, 0)
    // Else a crowd that comes at once waits a second for each fifty.
    server.setListenBacklogSize(4096);
#endif
    if (!server.listen(QHostAddress::LocalHost)) {
        std::fprintf(stderr, "%s\n", qPrintable(server.errorString()));
        return 1;
    }
    std::printf("Listening on 127.0.0.1:%d\n", server.serverPort());
    std::fflush(stdout);
    return app.exec();
}
