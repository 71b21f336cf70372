import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { AgentKeyUse } from "../../adapters/node/mod.ts";
import { askingBy } from "./ask_program.ts";

const folder = mkdtempSync(join(tmpdir(), "lethe-ask-"));
afterAll(() => rmSync(folder, { recursive: true }));

const log = join(folder, "log");
const said = (): readonly string[] => readFileSync(log, "utf8").trim().split("\n");

const use = (comment: string, signal: AbortSignal = new AbortController().signal): AgentKeyUse => ({
  fingerprint: "SHA256:of the key",
  type: "ed25519",
  certified: false,
  name: "key 1",
  caller: null,
  bindings: [],
  comment,
  signal,
});

it("asks one question at a time, and none for a client that has left", async () => {
  const program = join(folder, "ask");
  writeFileSync(log, "");
  // The slow one asks until it is ended; the others say yes.
  const script = `case "$1" in *slow*) echo slow >> ${log}; exec sleep 60;; esac`;
  writeFileSync(program, `#!/bin/sh\n${script}\necho "$SSH_ASKPASS_PROMPT" >> ${log}\n`);
  chmodSync(program, 0o700);
  const ask = askingBy(program);
  const [leaving, gone] = [new AbortController(), new AbortController()];
  const slow = ask(use("slow", leaving.signal));
  const others = [ask(use("second", gone.signal)), ask(use("third")), ask(use("fourth"))];
  await expect.poll(said).toEqual(["slow"]);
  gone.abort();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(said()).toEqual(["slow"]);
  leaving.abort();
  expect(await slow).toBe(false);
  expect(await Promise.all(others)).toEqual([false, true, true]);
  expect(said()).toEqual(["slow", "confirm", "confirm"]);
});

it("takes it for a no when its program is being written", async () => {
  const program = join(folder, "busy");
  copyFileSync("/bin/true", program);
  chmodSync(program, 0o700);
  const writer = openSync(program, "r+");
  const ask = askingBy(program);
  expect(await ask(use("first"))).toBe(false);
  closeSync(writer);
  expect(await ask(use("second"))).toBe(true); // exit status 0 without output
});
