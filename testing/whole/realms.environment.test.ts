import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { INSTALLED, ROOT, RUNTIMES, SOAK } from "../features/prompt/pty.ts";

const { NODE_OPTIONS: _, ...env } = process.env;

function run(words: readonly string[], program: string): unknown {
  const [file = "", ...parameters] = [...words, `${ROOT}testing/whole/${program}`];
  const options = { cwd: ROOT, env, encoding: "utf8", input: "" } as const;
  const { stdout, stderr } = spawnSync(file, parameters, options);
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(stderr);
  }
}

describe.skipIf(!SOAK || process.platform !== "linux")(
  "bytes of another realm (in the soak)",
  () => {
    it.each(INSTALLED)("are taken by every parameter, on %s", (name) => {
      expect(run(RUNTIMES[name] ?? [], "foreign_bytes.ts")).toEqual({ Buffer: {}, foreign: {} });
    });

    it.each(INSTALLED.filter((name) => name.startsWith("node")))(
      "and by a build that was loaded in a vm context, as jest does, on %s",
      (name) => {
        const words = [...(RUNTIMES[name] ?? []), "--no-warnings", "--experimental-vm-modules"];
        expect(run(words, "in_context.ts")).toEqual({
          said: {
            "of the main realm": {},
            "a Buffer": {},
            "of the context": {},
            "secrets of the main realm": {},
            "secrets of the context": {},
          },
          aborted: "stopped",
          wrong: [
            expect.stringMatching(/^Cannot open secrets/),
            expect.stringMatching(/^Cannot move/),
          ],
          memory: expect.any(String),
        });
      },
    );
  },
);
