// Throwaway certificates: an authority, and certificates of servers by it. By openssl, which nothing but
// these tests needs.

import { join } from "node:path";
import { findProgram } from "./programs.ts";

/** The paths of a certificate and its key, as PEM. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** What the certificate is for: `IP:127.0.0.1,DNS:localhost`. */
  readonly names: string;
  /** For how many days from now; 1 when missing. */
  readonly days?: number;
}

export function isOpensslMissing(): boolean {
  return findProgram("openssl") === undefined;
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** An authority that lies in a folder. */
export class TestAuthority {
  readonly #directory: string;
  readonly #name: string;

  private constructor(directory: string, name: string) {
    this.#directory = directory;
    this.#name = name;
  }

  static async create(directory: string, name: string): Promise<TestAuthority> {
    const authority = new TestAuthority(directory, name);
    const { certificate, key } = authority.#paths(name);
    await runOpenssl("req", "-x509", ...KEY, "-keyout", key, "-out", certificate, "-days", "1", ...[
      ...["-subj", `/CN=${name}`, "-addext", "basicConstraints=critical,CA:TRUE"],
      ...["-addext", "keyUsage=critical,keyCertSign"],
    ]);
    return authority;
  }

  /** The file of what is to be trusted. */
  get path(): string {
    return this.#paths(this.#name).certificate;
  }

  /** An authority by this one. */
  async issueAuthority(name: string): Promise<TestAuthority> {
    await this.#sign(name, "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n");
    return new TestAuthority(this.#directory, name);
  }

  /** A server's certificate; with days below 0 it has expired. The runtime refuses one that is a CA's. */
  async issue(name: string, { names, days = 1 }: CertificateOptions): Promise<Certificate> {
    return await this.#sign(
      name,
      `basicConstraints=critical,CA:FALSE\nsubjectAltName=${names}\nextendedKeyUsage=serverAuth\n`,
      days,
    );
  }

  async #sign(name: string, extensions: string, days = 1): Promise<Certificate> {
    const issued = this.#paths(name);
    const authority = this.#paths(this.#name);
    const request = join(this.#directory, `${name}.csr`);
    const file = join(this.#directory, `${name}.ext`);
    await Deno.writeTextFile(file, extensions);
    await runOpenssl("req", ...KEY, "-keyout", issued.key, "-out", request, "-subj", `/CN=${name}`);
    await runOpenssl("x509", "-req", "-in", request, "-out", issued.certificate, ...[
      ...["-CA", authority.certificate, "-CAkey", authority.key, "-CAcreateserial"],
      ...["-extfile", file, "-days", `${days}`],
    ]);
    return issued;
  }

  #paths(name: string): Certificate {
    return {
      certificate: join(this.#directory, `${name}.pem`),
      key: join(this.#directory, `${name}.key`),
    };
  }
}

/** @throws when openssl fails, with what it has written */
export async function runOpenssl(...args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`openssl ${args[0]}: ${new TextDecoder().decode(stderr)}`);
}
