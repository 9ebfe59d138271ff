// The command line of `server.ts cert`, which writes a key and a certificate. Opens no file.

import { Command } from "@commander-js/extra-typings";
import { parseSubjectName, type SubjectName } from "../tls/subject_name.ts";
import { ConfigError } from "./config_error.ts";
import { parseCommandLine, type PrintedText } from "./shell/parse_command_line.ts";

/** The word behind the server's name that asks for a certificate. */
export const CERTIFICATE_COMMAND = "cert";

const DEFAULT_DAYS = 365;
const MOST_DAYS = 3_650;

export interface CertificateConfig {
  /** Empty when a renewal keeps those of the certificate. */
  readonly names: readonly SubjectName[];
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly days: number;
  /** Whether the key that is there is used again, for a certificate that replaces the one there. */
  readonly renews: boolean;
}

const EXAMPLES = `
Examples:
  deno task server cert --name chat.example --name 192.0.2.7 --cert data/cert.pem --key data/key.pem
  deno task server cert --renew --cert data/cert.pem --key data/key.pem

The certificate is self-signed: clients know the server by its pin, which is printed and stays the
same as long as the key does. A running server reads it on SIGHUP.
`;

/**
 * @param args the command line behind `cert`
 * @throws {ConfigError} one line for a person, and the exit code
 */
export function parseCertificateCommand(
  args: readonly string[],
): CertificateConfig | PrintedText {
  const names: string[] = [];
  const command = new Command(`parley-server ${CERTIFICATE_COMMAND}`)
    .description("Write a key and a certificate for TLS, or renew the certificate.")
    .option("--name <name>", "a DNS name or IP address of the server; may be repeated", (name) => {
      names.push(name);
      return name;
    })
    .requiredOption("--cert <file>", "where the certificate is written")
    .requiredOption("--key <file>", "where the key is written, readable by its owner alone")
    .option("--days <number>", "for how many days it is valid", String(DEFAULT_DAYS))
    .option("--renew", "replace the certificate and keep the key, and the names unless given")
    .addHelpText("after", EXAMPLES)
    .allowExcessArguments(false);
  const describe = (mistake: string) =>
    `${mistake} (${CERTIFICATE_COMMAND} --help lists the options)`;
  const printed = parseCommandLine(command, { args, describe });
  if (printed !== undefined) return printed;
  const { cert, key, days, renew = false } = command.opts();
  return {
    names: parseNames(names, renew ? "optional" : "required"),
    certificatePath: parsePath(cert, "--cert"),
    keyPath: parseKeyPath(key, cert),
    days: parseDays(days),
    renews: renew,
  };
}

function parseNames(texts: readonly string[], need: "optional" | "required"): SubjectName[] {
  if (texts.length === 0 && need === "required") {
    throw new ConfigError(
      "usage",
      "--name is missing: the DNS name or IP address under which clients reach the server",
    );
  }
  return [...new Set(texts)].map((text) => {
    const name = parseSubjectName(text);
    if (name !== undefined) return name;
    throw new ConfigError(
      "usage",
      `--name ${JSON.stringify(text)} must be a DNS name or an IP address without a port, ` +
        "as in chat.example, 192.0.2.7 or 2001:db8::7",
    );
  });
}

function parsePath(path: string, option: string): string {
  if (path !== "" && !path.includes("\0")) return path;
  throw new ConfigError("usage", `${option} must be the path of a file`);
}

function parseKeyPath(key: string, cert: string): string {
  if (key !== cert) return parsePath(key, "--key");
  throw new ConfigError("usage", "--cert and --key must be two files");
}

function parseDays(text: string): number {
  const days = Number(text);
  if (/^\d{1,5}$/.test(text) && days >= 1 && days <= MOST_DAYS) return days;
  throw new ConfigError("usage", `--days must be a whole number from 1 to ${MOST_DAYS}`);
}
