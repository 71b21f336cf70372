import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { EVERY_RUNTIME } from "../../../testing/features/key_files/children.ts";

const PROGRAM = fileURLToPath(
  new URL("../../../testing/features/process/shutdown/purged.ts", import.meta.url),
);
const GONE = "ERR_LETHE_CUSTODIAN; 0 live";

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
        "a client that comes afterwards": "closed, closed; 0 live",
      });
    },
    90_000,
  );
});
