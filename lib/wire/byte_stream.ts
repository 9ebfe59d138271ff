// The port under a connection: any two-way stream of bytes. `Deno.TcpConn` and `Deno.TlsConn` are
// one as they stand; memory_stream.ts is the other inhabitant.

/** A two-way stream of bytes. */
export interface ByteStream {
  /** Reads into `into`; the number of bytes read, or null when the peer has ended its side. */
  read(into: Uint8Array): Promise<number | null>;
  /** Writes a beginning of `bytes` and says how much: short writes are normal. */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends this side; the peer reads null once it has read the rest. */
  closeWrite(): Promise<void>;
  /** Ends both sides; pending reads and writes reject. @throws when closed before. */
  close(): void;
}
