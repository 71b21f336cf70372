import { writeSync } from "node:fs";
import process from "node:process";
import {
  type OpenSecrets,
  type SecretBuffer,
  type Secrets,
  type SecretsOptions,
  secretsOpener,
} from "../../core/mod.ts";
import { HEAP_PROVIDER } from "../../memories/heap/mod.ts";
import { FaultySecret, type OwnSecret, type Wrap } from "./secret.ts";
import { FaultySecrets } from "./secrets.ts";

/** What a library does otherwise than Lethe does. What it does not name, it passes on. */
export interface Otherwise {
  secret?(inner: SecretBuffer, secrets: Secrets, options: SecretsOptions): OwnSecret;
  secrets?(inner: Secrets, options: SecretsOptions): Partial<Secrets>;
  options?(options: SecretsOptions): SecretsOptions;
  /** Makes its secrets, where they are of another class. */
  wrap?(inner: SecretBuffer, own: OwnSecret, wrap: Wrap): object;
  /** Says why, before the process is aborted. */
  say?(line: string): void;
}

/** Lethe's own library over heap memory, with a fault of its own, as an `openSecrets`. */
export function library(otherwise: Otherwise): OpenSecrets {
  const abort = (line: string): never => {
    (otherwise.say ?? print)(line);
    return abortNow();
  };
  const open = secretsOpener({ name: "faulty", memories: [HEAP_PROVIDER], abort });
  return (options = {}) => {
    const inner = open(otherwise.options?.(options) ?? options);
    const own = otherwise.secrets?.(inner, options) ?? {};
    const wrap: Wrap = (secret) => {
      const changes = otherwise.secret?.(secret, inner, options) ?? {};
      const made = otherwise.wrap?.(secret, changes, wrap);
      return (made ?? new FaultySecret(secret, changes, wrap)) as SecretBuffer;
    };
    return new FaultySecrets(inner, own, wrap) as unknown as Secrets;
  };
}

/** Not `process.abort`, with which Node adds a stack trace of its own. */
export function abortNow(): never {
  process.kill(process.pid, "SIGABRT");
  throw new Error("Nobody survives SIGABRT");
}

/** One line on standard error, as the abort of a runtime writes it. */
export function print(line: string): void {
  writeSync(2, `${line}\n`);
}
