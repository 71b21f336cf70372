import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { EVERY_RUNTIME } from "../../../testing/features/key_files/children.ts";

const PROGRAM = fileURLToPath(
  new URL("../../../testing/features/process/shutdown/purged.ts", import.meta.url),
);
const GONE = "ERR_LETHE_CUSTODIAN; 0 live";

/** What ends with its secrets, purged or disposed. */
const ENDS: readonly string[] = [
  ...["the key of a stream that is unsealed", "the key of a stream that is sealed"],
  ...["enclaves that unseal", "enclaves before the room", "enclaves within", "a piece that waits"],
  ...["an envelope that is opened", "an envelope after its header", "an envelope's piece"],
  ...["a secret of others", "seal, asking", "Transit, before its retry", "AWS, before its retry"],
];
/** What has no secret there while it waits: a purge leaves it, and it goes on; a disposal ends it. */
const GOES_ON: Readonly<Record<string, string>> = {
  "an envelope before it is opened": "done; 1 live",
  "an envelope before it is sealed": "done; 0 live",
  "open, asking": "done; 1 live",
  "reseal, asking": "done; 0 live",
  "readdress, asking": "done; 0 live",
  "a cache, asking": "done; 0 live",
};
const DESTROYED = "ERR_LETHE_DESTROYED; 0 live";
const AFTER_WAITS: Readonly<Record<string, string>> = Object.fromEntries([
  ...ENDS.map((name) => [`${name}: purge`, DESTROYED]),
  ...Object.entries(GOES_ON).map(([name, outcome]) => [`${name}: purge`, outcome]),
  ...[...ENDS, ...Object.keys(GOES_ON)].map((name) => [`${name}: dispose`, DESTROYED]),
]);

describe.skipIf(process.platform === "win32")("a purge while Lethe works", () => {
  it.each(Object.entries(EVERY_RUNTIME))(
    "AGENT-9: ends an agent, and is not taken for misuse by the program: on %s",
    (name, [file = "", ...parameters]) => {
      const runtime = name.replace(/-.*/, "");
      const all = runtime === "deno" ? ["run", "--no-check", "-A"] : parameters;
      const { stdout, stderr, signal } = spawnSync(file, [...all, PROGRAM, runtime], {
        encoding: "utf8",
        timeout: 60_000,
      });
      expect({ signal, stderr }).toEqual({ signal: null, stderr: "" });
      expect(JSON.parse(stdout)).toEqual({
        "exec:": "ERR_LETHE_DESTROYED; 0 live",
        "a custodian that opens": GONE,
        "an answer under way": GONE,
        "a secret on its way": GONE,
        "a secret on its way to a custodian of other secrets": "ERR_LETHE_DESTROYED; 0 live",
        "the first call afterwards": GONE,
        "the custodian's close": '{"code":0,"signal":null}; 0 live',
        "a client between two requests": "closed, closed; 0 live",
        "a client within one": "closed, closed; 0 live",
        "guesses that wait for their turn": "closed; 0 live",
        "a client whose bytes wait": "closed, closed; 0 live",
        "a client that comes afterwards": "closed, closed; 0 live",
        ...AFTER_WAITS,
      });
    },
    90_000,
  );
});
