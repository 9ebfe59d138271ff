// The port under a connection: any two-way stream of bytes. `Deno.TcpConn` and `Deno.TlsConn` have this
// shape; memory_stream.ts is the other implementation.

/** A two-way stream of bytes. */
export interface ByteStream {
  /** Reads into `into`; the number of bytes read, or null once the peer has ended its side. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes the beginning of `bytes`; the number of bytes written, which may be fewer than all. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends this side; the peer reads null once it has read the rest. */
  closeWrite(): Promise<void>;
  /** Ends both sides; pending reads and writes reject. @throws when closed before. */
  close(): void;
}
