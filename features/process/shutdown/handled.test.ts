import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { EVERY_RUNTIME } from "../../../testing/features/key_files/children.ts";
import { SOAK } from "../../../testing/tier.ts";

const PROGRAM = fileURLToPath(
  new URL("../../../testing/features/process/shutdown/handled.ts", import.meta.url),
);

function said(name: string, way: string): string {
  const [file = "", ...parameters] = EVERY_RUNTIME[name] ?? [];
  const runtime = name.replace(/-.*/, "");
  const all = runtime === "deno" ? ["run", "--no-check", "-A"] : parameters;
  const { stdout } = spawnSync(file, [...all, PROGRAM, runtime, way], {
    encoding: "utf8",
    timeout: 60_000,
  });
  return stdout.trim().replaceAll("\n", ", ");
}

describe.skipIf(process.platform === "win32").each(Object.keys(EVERY_RUNTIME))(
  "an exception that the application handles on %s",
  (name) => {
    it.runIf(SOAK || name.startsWith("node"))("keeps the secrets", () => {
      expect(said(name, "exception handled")).toBe("handled 1, later 1, exit 0");
    });

    it.runIf(name === "deno")("keeps them also by an event that was listened to before", () => {
      expect(said(name, "error event")).toBe("later 1, exit 0");
    });

    it.runIf(name.startsWith("node"))("wipes them where a listener of exit throws", () => {
      expect(said(name, "exit throws")).toBe("later 1, handled 0");
    });

    it.runIf(SOAK || name.startsWith("node")).each([
      ["handler throws", ["bun"]],
      ["rejection handler throws", ["node", "bun"]],
      ["rejection beside, handler throws", ["bun"]],
    ])("is as docs/shutdown.md has it: %s", (way, wiped) => {
      expect(said(name, way).includes("wiped")).toBe(wiped.includes(name.replace(/-.*/, "")));
    });
  },
);
