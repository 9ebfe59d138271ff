// Behaves as the program this project grew from: one send of bare JSON, no hello, no delimiter; each
// read of 1,024 bytes is taken for exactly one object, whose `content` is printed.

export interface OldReply {
  readonly type: string;
  readonly content: string;
  readonly code?: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const PATIENCE_MS = 5_000;

export class OldProgram implements Disposable {
  readonly #conn: Deno.TcpConn;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  static async connect(address: { hostname: string; port: number }): Promise<OldProgram> {
    return new OldProgram(await Deno.connect(address));
  }

  message(content: string): Promise<void> {
    return this.send(JSON.stringify({ type: "message", content }));
  }

  inquiry(content: string): Promise<void> {
    return this.send(JSON.stringify({ type: "inquiry", content }));
  }

  async send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
  }

  /** One `recv(1024)`, parsed as one object. @throws when it is not exactly that */
  async receive(): Promise<OldReply> {
    const buffer = new Uint8Array(1_024);
    const timer = setTimeout(() => this.#conn.close(), PATIENCE_MS);
    try {
      const length = await this.#conn.read(buffer);
      if (length === null) throw new Error("The server has closed the connection");
      return JSON.parse(decoder.decode(buffer.subarray(0, length)));
    } finally {
      clearTimeout(timer);
    }
  }

  [Symbol.dispose](): void {
    try {
      this.#conn.close();
    } catch {
      // Closed by the test, or for want of patience.
    }
  }
}
