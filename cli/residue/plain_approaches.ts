/**
 * How programs hold passwords without Lethe, written as they are found, at their best: each keeps
 * one reference, overwrites what it can, and drops the rest.
 */
import { type ChildProcess, fork } from "node:child_process";
import { createHmac, createSecretKey, type KeyObject, randomFillSync } from "node:crypto";
import { createRequire } from "node:module";
import process from "node:process";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import { readTyped } from "../pause.ts";
import { PASSWORD_BYTES } from "./password.ts";

/** One password's life in a process. */
export interface Life {
  /** Takes the password from standard input. */
  begin(): void | Promise<void>;
  use(): void | Promise<void>;
  /** Ends it as well as the approach can. Synchronous, so that a look straight after it is fair. */
  end(): void;
  /** Other processes that it uses. */
  readonly helpers?: () => readonly number[];
}

/** What a password is for, everywhere here: the key of an HMAC. */
function authenticate(key: Uint8Array | KeyObject | string): void {
  createHmac("sha256", key).update("message").digest();
}

const buffer = (allocate: () => Uint8Array, free: (password: Uint8Array) => void): Life => {
  let password: Uint8Array = new Uint8Array();
  return {
    begin() {
      password = allocate();
      readTyped(password);
    },
    use: () => authenticate(password),
    end: () => free(password),
  };
};

const readline = (): Life => {
  let password = "";
  return {
    async begin() {
      const lines = createInterface({ input: process.stdin });
      password = await lines.question("");
      lines.close();
    },
    use: () => authenticate(password),
    end() {
      password = "";
    },
  };
};

const keyObject = (): Life => {
  let key: KeyObject | undefined;
  return {
    begin() {
      const password = Buffer.alloc(PASSWORD_BYTES);
      readTyped(password);
      key = createSecretKey(password);
      password.fill(0);
    },
    use() {
      if (key !== undefined) authenticate(key);
    },
    end() {
      key = undefined;
    },
  };
};

const sodiumNative = (): Life => {
  const sodium = createRequire(import.meta.url)("sodium-native") as {
    sodium_malloc(byteLength: number): Uint8Array;
    sodium_free(password: Uint8Array): void;
  };
  return buffer(() => sodium.sodium_malloc(PASSWORD_BYTES), sodium.sodium_free);
};

const forked = (): Life => {
  const suffix = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const program = fileURLToPath(new URL(`./plain_worker${suffix}`, import.meta.url));
  let worker: ChildProcess | undefined;
  const ask = (): Promise<{ password?: { data: number[] } }> =>
    new Promise((resolve) => {
      worker?.once("message", (message) => resolve(message as { password?: { data: number[] } }));
      worker?.send("read");
    });
  return {
    async begin() {
      worker = fork(program, {
        execArgv: [...process.execArgv, "--secure-heap=32768"],
        stdio: ["inherit", "inherit", "inherit", "ipc"],
      });
      await new Promise((resolve) => worker?.once("message", resolve));
    },
    async use() {
      const { password } = await ask();
      const bytes = Buffer.from(password?.data ?? []);
      authenticate(bytes);
      randomFillSync(bytes);
    },
    end: () => undefined,
    helpers: () => (worker?.pid === undefined ? [] : [worker.pid]),
  };
};

/** Each by the id of its approach. */
export const PLAIN: Readonly<Record<string, () => Life>> = {
  buffer: () =>
    buffer(
      () => Buffer.alloc(PASSWORD_BYTES),
      (password) => password.fill(0),
    ),
  "typed-array": () =>
    buffer(
      () => new Uint8Array(PASSWORD_BYTES),
      (password) => password.fill(0),
    ),
  readline,
  "key-object": keyObject,
  "sodium-native": sodiumNative,
  fork: forked,
};
