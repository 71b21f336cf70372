import { spawn, spawnSync } from "node:child_process";
import process from "node:process";
import { afterEach, describe, expect, it } from "vitest";
import { type Custodian, openCustodian } from "../../../adapters/node/mod.ts";
import { expectNoResidue, unmask } from "../../../conformance/mod.ts";
import { WITNESS } from "../../../testing/features/custodian/stage.ts";
import { SOAK } from "../../../testing/tier.ts";
import { SecureHeapKey, secureHeapState } from "./secure_heap.ts";

const PROGRAM = new URL("../../../testing/features/custodian/heap_key.ts", import.meta.url)
  .pathname;
const NODE = [process.execPath, "--expose-gc", "--secure-heap=32768", "--secure-heap-min=32"];

let custodian: Custodian | undefined;
afterEach(() => custodian?.close());

describe("a key in the secure heap", () => {
  const REFUSALS: readonly (readonly [secureHeapBytes: number, said: RegExp])[] = [
    [0, /this process has none; Node.js alone has one, unless secureHeapBytes is 0, or allow/],
    [
      128,
      /its 128 bytes have no room for a key \(.*secure malloc failure\); give Node.js more with/,
    ],
    [2, /it did not grow when the key was made \(0 bytes, then 0\); give Node.js more/],
  ];
  it.each(SOAK ? REFUSALS : REFUSALS.slice(0, 1))(
    "is required: a heap of %i bytes is an error that says so",
    async (secureHeapBytes, said) => {
      await expect(openCustodian({ secureHeap: "require", secureHeapBytes })).rejects.toMatchObject(
        { code: "ERR_LETHE_SECURE_HEAP", message: expect.stringMatching(said) },
      );
    },
  );

  it("is preferred: without it the report says where the key is, and why", async () => {
    custodian = await openCustodian({ secureHeapBytes: 128 });
    expect(custodian.report.atRest).toEqual({
      key: "guarded memory",
      total: 128,
      used: 0,
      evidence: expect.stringMatching(
        /^no key in the secure heap: its 128 bytes have no room for a key \(.*secure malloc failure\)$/,
      ),
    });
    await custodian.generate("key", "key", { mayLeave: true });
    expect(await custodian.expose("key", (bytes) => bytes.length)).toBe(32);
  });

  it("is there: the heap grew by it, and holds it as long as the custodian lives", async () => {
    custodian = await openCustodian({ secureHeap: "require", relockMilliseconds: 0 });
    const { atRest } = custodian.report;
    expect(atRest).toMatchObject({ key: "secure heap and guarded memory", total: 32_768 });
    expect(atRest.used).toBeGreaterThanOrEqual(32);
    expect(atRest.evidence).toMatch(/grew by \d\d+ bytes.*arena is locked and not dumped/);
    for (let round = 0; round < 3; round++) {
      await custodian.generate(`key ${round}`, "key");
      await custodian.equals("key 0", `key ${round}`);
      const { secureHeap, unlocked } = await custodian.status();
      expect(secureHeap).toEqual({ total: 32_768, used: atRest.used });
      expect(unlocked).toBe(false);
    }
  });

  it.each(SOAK ? [2048, 4096] : [])(
    "is seen to be locked in an arena of one page: %i bytes",
    async (size) => {
      custodian = await openCustodian({ secureHeap: "require", secureHeapBytes: size });
      expect(custodian.report.atRest.evidence).toMatch(
        /arena is locked and not dumped \(smaps: lo dd\)$/,
      );
    },
  );

  it("is missed when the heap has become smaller", () => {
    const [file = "", ...flags] = NODE;
    const { stdout, stderr } = spawnSync(file, [...flags, PROGRAM, "shrink"], { encoding: "utf8" });
    expect([stdout, stderr]).toEqual(["agreed\nERR_LETHE_SECURE_HEAP\n", ""]);
  });

  it("is refused where there is no secure heap, as in this process", () => {
    expect(secureHeapState().total).toBe(0);
    expect(SecureHeapKey.generate()).toMatchObject({ reason: "this process has none" });
  });
});

describe.skipIf(process.platform !== "linux")("what the key agrees on", () => {
  it("lies nowhere once it was used, although Node hands it over in a buffer", async () => {
    const [file = "", ...flags] = NODE;
    const child = spawn(file, [...flags, PROGRAM, "agree"], { stdio: ["pipe", "pipe", "inherit"] });
    try {
      const text = await new Promise<string>((resolve) => child.stdout.once("data", resolve));
      const masked = Uint8Array.from(Buffer.from(String(text).trim(), "hex"));
      const needle = { label: "shared secret", bytes: unmask(7401, masked) };
      expectNoResidue({ pid: child.pid as number, needle, witness: WITNESS });
    } finally {
      child.kill("SIGKILL");
    }
  });
});
