import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import {
  type KeyFiles,
  type KeyFilesOptions,
  type LetheError,
  openKeyFiles,
  openSecrets,
  type SecretBuffer,
  type Secrets,
} from "../../../adapters/node/mod.ts";
import { CHEAP } from "./entry.ts";

/** Of the test that runs, in a file that says `useScene()`. */
export let directory: string = "";
export let secrets: Secrets = openSecrets();
/** A path in a directory that the test has to itself. */
export const path = (name = "key"): string => join(directory, name);
export const open = (options: KeyFilesOptions = {}): KeyFiles =>
  openKeyFiles(secrets, { onMisuse: "throw", cost: CHEAP, ...options });
export const phrase = (text = "correct horse"): SecretBuffer =>
  secrets.move(new TextEncoder().encode(text));

/** Gives each test of the file that calls it a directory and secrets of its own. */
export function useScene(): void {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "lethe-keys-"));
    secrets = openSecrets();
  });
  afterEach(() => {
    secrets[Symbol.dispose]();
    rmSync(directory, { recursive: true });
  });
}

/** Base64 of a test's own random key. */
export const content = (secret: SecretBuffer, length: number = secret.byteLength): string =>
  secret.expose((bytes) => Buffer.from(bytes.subarray(0, length)).toString("base64"));
export const codeOf = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return (error as LetheError).code ?? (error as Error).name;
  }
  return "none";
};
