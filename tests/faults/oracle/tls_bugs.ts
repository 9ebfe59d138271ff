// The seeded bugs of TLS: what is sent to whom, and what a handshake holds.

import { testNamed } from "./named_tests.ts";
import type { SeededBug } from "./seeded_bug.ts";

export const TLS_BUGS: readonly SeededBug[] = [
  {
    number: 24,
    title: "the client sends its code before the server's key is checked",
    patches: [{
      file: "lib/client/link/connect_tls.ts",
      search: "      checkServer(socket, destination);\n      socket.setNoDelay(true);\n",
      replace: "      socket.setNoDelay(true);\n" +
        "      setTimeout(() => {\n" +
        "        try {\n          checkServer(socket, destination);\n        } catch {\n" +
        "          socket.destroy();\n        }\n      }, 500);\n",
    }],
    test: testNamed(
      "tests/cli/client_tls_test.ts",
      "client join: a string for another key is sent nowhere",
    ),
    says: /Values are not equal: what the impostor got/,
  },
  {
    number: 25,
    title: "a pin is compared by its beginning",
    patches: [{
      file: "lib/client/link/connect_tls.ts",
      search: "if (pin !== destination.pin) throw",
      replace: "if (pin.slice(0, 12) !== destination.pin.slice(0, 12)) throw",
    }],
    test: testNamed(
      "tests/client/link/connect_tls_test.ts",
      "connect by TLS: a pin that differs in one character, anywhere, is another key's",
    ),
    says: /Expected function to reject/,
  },
  {
    number: 26,
    title: "a token belongs to an address, whatever key answers there",
    patches: [{
      file: "lib/config/link/chosen_server.ts",
      search: "formatJoinString({ ...address, pin: tls.pin })",
      replace: "formatJoinString(address)",
    }],
    test: testNamed(
      "tests/config/chosen_server_test.ts",
      "chosen server: tokens are filed by way, host, port and key",
    ),
    says: /Values are not equal/,
  },
  {
    number: 27,
    title: "a handshake that fails keeps its place among those that run",
    patches: [{
      file: "lib/server/endpoint/tls_stream.ts",
      search: "    this.#options.handshakes.leave(this);\n",
      replace: "    if (this.#stream !== undefined) this.#options.handshakes.leave(this);\n",
    }],
    test: testNamed(
      "tests/server/endpoint/tls_endpoint_test.ts",
      "tls: a handshake that fails is an ordinary end, whatever the peer sent",
    ),
    says: /Values are not equal/,
  },
  {
    number: 33,
    title: "every peer may say by a PROXY header who it is",
    patches: [{
      file: "lib/server/endpoint/proxied_endpoint.ts",
      search: 'return this.#options.trusted.check(mapped, isIPv6(mapped) ? "ipv6" : "ipv4");',
      replace: "return isIPv6(mapped) || mapped.length > 0;",
    }],
    test: testNamed(
      "tests/server/endpoint/proxied_endpoint_test.ts",
      "proxied endpoint: whoever is not trusted is accepted as they are, and may send no header",
    ),
    says: /The connection ended|Nothing came|Timed out|no frame/i,
  },
  {
    number: 34,
    title: "an exchange takes a certificate that has expired",
    patches: [{
      file: "lib/server/tls/live_certificate.ts",
      search: "if ((beginsAt <= now && now <= expiresAt) || this.daysLeft < 0) return;",
      replace: "if (beginsAt <= now || this.daysLeft < 0) return;",
    }],
    test: testNamed(
      "tests/server/tls/live_certificate_test.ts",
      "live certificate: files that do not fit, or are not valid now, change nothing",
    ),
    says: /Values are not equal/,
  },
];
