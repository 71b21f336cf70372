import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { atHand } from "../../testing/built.ts";

// Node.js without the optional dependency koffi, and without both: as after `npm install --omit=optional`.

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const own = major > 26 || (major === 26 && minor >= 1);

const KOFFI = ["../../testing/adapters/node/without_koffi.cjs"];
const BOTH = [...KOFFI, "../../testing/adapters/node/without_sodium.cjs"];

interface Opened {
  readonly memory: string;
  readonly passedOver: readonly { readonly memory: string; readonly reason: string }[];
}

/** What `openSecrets` says there, and everything that it prints on standard error. */
function opened(options: string, without = KOFFI): { said: Opened | string; printed: string } {
  const program = `
    import { writeSync } from "node:fs";
    import { openSecrets } from ${JSON.stringify(atHand("adapters/node/mod.ts"))};
    let said;
    try {
      const { memory, passedOver } = openSecrets(${options});
      said = { memory, passedOver };
    } catch (error) { said = error.code + " " + error.message; }
    writeSync(1, JSON.stringify(said));`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      ...without.flatMap((path) => ["--require", at(path)]),
      "--input-type=module",
      "--eval",
      program,
    ],
    { encoding: "utf8" },
  );
  const printed = stderr.replace(/^.*type stripping.*$|^.*trace-warnings.*$/gim, "").trim();
  return { said: JSON.parse(stdout) as Opened | string, printed };
}

describe("Node.js without koffi", () => {
  it("takes sodium, says what is stronger and how to have it, and prints nothing", () => {
    const { said, printed } = opened("");
    const { memory, passedOver } = said as Opened;
    expect([memory, passedOver.map((each) => each.memory), printed]).toEqual([
      "sodium",
      ["secretmem", "pages"],
      "",
    ]);
    for (const { memory: name, reason } of passedOver) {
      expect(reason).toContain("koffi: it is not installed");
      expect(reason).toContain("npm install koffi");
      expect(reason).toContain(
        own ? `ask for it with memory: "${name}"` : "node:ffi, which takes Node 26.1",
      );
    }
  });

  it("has the stronger ones by name and by what they alone give where it has FFI itself", () => {
    for (const options of ['{ memory: "secretmem" }', '{ require: ["hidden"] }']) {
      const { said, printed } = opened(options);
      if (own) {
        expect((said as Opened).memory).toBe("secretmem");
        expect(printed).toContain("ExperimentalWarning");
      } else {
        expect(said).toMatch(/^ERR_LETHE_(UNAVAILABLE|REQUIRE) .*npm install koffi/s);
        expect(printed).toBe("");
      }
    }
  });

  it("and without sodium-native takes its own FFI before heap, which prints, or heap", () => {
    const { said, printed } = opened("", BOTH);
    const { memory, passedOver } = said as Opened;
    expect(memory).toBe(own ? "secretmem" : "heap");
    expect(passedOver.length).toBe(own ? 0 : 3);
    if (own) expect(printed).toContain("ExperimentalWarning");
    else expect(printed).toBe("");
  });
});
