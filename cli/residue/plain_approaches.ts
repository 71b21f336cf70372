/**
 * How programs hold passwords without Lethe, written as they are found, at their best: each keeps
 * one reference, overwrites what it can, and drops the rest.
 */
import { fork } from "node:child_process";
import { createHmac, createSecretKey, type KeyObject, randomFillSync } from "node:crypto";
import { createRequire } from "node:module";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import { readTyped } from "../pause.ts";
import { idOf, type Life, type StartLife } from "./life.ts";
import { PASSWORD_BYTES } from "./password.ts";

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

const forked: StartLife = async (control) => {
  const suffix = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const program = fileURLToPath(new URL(`./plain_worker${suffix}`, import.meta.url));
  const worker = fork(program, {
    execArgv: [...process.execArgv, "--secure-heap=32768"],
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  const answer = (): Promise<{ password?: { data: number[] } }> =>
    new Promise((resolve) => {
      worker.once("message", (message) => resolve(message as { password?: { data: number[] } }));
    });
  const ask = (message: object): ReturnType<typeof answer> => {
    worker.send(message);
    return answer();
  };
  await answer();
  await ask({ keep: control });
  return {
    begin: async () => void (await ask({ type: true })),
    async use() {
      const { password } = await ask({ read: true });
      const bytes = Buffer.from(password?.data ?? []);
      authenticate(bytes);
      randomFillSync(bytes);
    },
    end: () => undefined,
    helpers: () => [idOf(worker)],
  };
};

/** Each by the id of its approach. */
export const PLAIN: Readonly<Record<string, StartLife>> = {
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
