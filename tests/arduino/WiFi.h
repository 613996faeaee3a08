// As much of the ESP32's Arduino core as a sketch that joins a room needs, over the sockets of this
// computer. The button at pin 0 is pressed once, a second after the start; standard output is the
// serial port.
#pragma once

#include <arpa/inet.h>
#include <cstdio>
#include <ctime>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

constexpr int INPUT_PULLUP = 5, LOW = 0, HIGH = 1, WL_CONNECTED = 3;

class String {
public:
  String(const char *text = "") : text(text) {}
  size_t length() const { return text.size(); }
  String &operator+=(char c) { text += c; return *this; }
  const char *c_str() const { return text.c_str(); }

private:
  std::string text;
};

struct SerialPort {
  void begin(unsigned long) {}
  void println(const String &line) { std::puts(line.c_str()); std::fflush(stdout); }
} Serial;

struct Radio {
  void begin(const char *, const char *) {}
  int status() { return WL_CONNECTED; }
} WiFi;

class WiFiClient {
public:
  int connect(const char *host, uint16_t port) {
    stop();
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, host, &address.sin_addr);
    descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(descriptor, reinterpret_cast<sockaddr *>(&address), sizeof address) == 0)
      return 1;
    stop();
    return 0;
  }
  bool connected() {
    char c;
    return descriptor >= 0 && (available() || recv(descriptor, &c, 1, MSG_PEEK | MSG_DONTWAIT) != 0);
  }
  int available() {
    char c;
    return descriptor >= 0 && recv(descriptor, &c, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
  }
  int read() {
    unsigned char c;
    return recv(descriptor, &c, 1, 0) == 1 ? c : -1;
  }
  size_t print(const char *text) {
    return send(descriptor, text, std::string(text).size(), MSG_NOSIGNAL);
  }
  void stop() {
    if (descriptor >= 0)
      close(descriptor);
    descriptor = -1;
  }

private:
  int descriptor = -1;
};

inline void delay(unsigned long milliseconds) { usleep(milliseconds * 1000); }
inline void pinMode(int, int) {}
inline int digitalRead(int) {
  static const std::time_t start = std::time(nullptr);
  static bool rang = false;
  if (rang || std::time(nullptr) < start + 1)
    return HIGH;
  rang = true;
  return LOW;
}

void setup();
void loop();

int main() {
  setup();
  for (;;) {
    loop();
    usleep(1000);
  }
}
