// A TCP balancer of this machine, HAProxy or nginx, with a configuration of a test. Ended by its pid.

import { temporaryDirectory } from "../temporary.ts";
import { until } from "../waiting.ts";
import { adopt, bury, signal } from "./children.ts";
import { isListening } from "./ports.ts";
import { findProgram, isFile } from "./programs.ts";

export type BalancerKind = "haproxy" | "nginx";

/** Where a system keeps nginx's module for TCP, when it is not built in. */
const STREAM_MODULES = [
  "/usr/lib/nginx/modules/ngx_stream_module.so",
  "/usr/lib64/nginx/modules/ngx_stream_module.so",
];
const START_MS = 10_000;

export interface BalancerOptions {
  /** The part of its configuration that is about the chat. */
  readonly configuration: string;
  /** Where that lets it listen, on 127.0.0.1. */
  readonly port: number;
}

/** @throws when it does not start */
export async function startBalancer(
  kind: BalancerKind,
  { configuration, port }: BalancerOptions,
): Promise<AsyncDisposable> {
  const directory = await temporaryDirectory();
  const path = `${directory.path}/configuration`;
  const args = kind === "haproxy"
    ? ["-db", "-f", path]
    : ["-p", directory.path, "-e", "stderr", "-c", path];
  const text = kind === "haproxy" ? configuration : aroundStream(configuration, directory.path);
  await Deno.writeTextFile(path, text);
  const child = adopt(
    new Deno.Command(findProgram(kind) ?? kind, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn(),
  );
  const balancer = {
    async [Symbol.asyncDispose](): Promise<void> {
      // Its workers end with it.
      signal(child, "SIGTERM");
      await bury(child);
      await directory[Symbol.asyncDispose]();
    },
  };
  try {
    const otherwise = `${kind} does not listen with:\n${text}`;
    await until(() => isListening(port), { withinMs: START_MS, otherwise });
    return balancer;
  } catch (error) {
    await balancer[Symbol.asyncDispose]();
    throw error;
  }
}

/** What else a configuration of nginx needs. */
function aroundStream(stream: string, directory: string): string {
  const module = STREAM_MODULES.find(isFile);
  return [
    ...(module === undefined ? [] : [`load_module ${module};`]),
    `daemon off; pid ${directory}/pid; error_log stderr; events {}`,
    stream,
  ].join("\n");
}
