import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { derivedNeedle } from "../../conformance/mod.ts";
import { install, why } from "../../testing/environments/tools.ts";
import { noSecretService, Session } from "../../testing/features/keyrings/session.ts";
import { INSTALLED, RUNTIMES } from "../../testing/features/prompt/pty.ts";

const PROBE = new URL("../../testing/features/keyrings/service_probe.ts", import.meta.url).pathname;
const keytar = install("@github/keytar");
const isMissing = keytar.missing !== null || noSecretService !== null;
const service = noSecretService === null ? "" : ` (not run: ${noSecretService} is missing)`;
// keytar takes text alone: the six bytes of this seed are letters and a digit.
const [SEED, TEXT] = ["309", Buffer.from(derivedNeedle(309, 6).bytes).toString("latin1")];
const [NODE = ""] = RUNTIMES["node-24"] ?? [];

describe.skipIf(isMissing)(
  `an item that keytar knows${why(keytar)}${service}`,
  { timeout: 120_000 },
  () => {
    const program = join(dirname(keytar.modules), "keytar.mjs");
    let session: Session;
    beforeAll(async () => {
      writeFileSync(
        program,
        `import keytar from "@github/keytar";
        const [account, password] = process.argv.slice(2);
        if (password !== undefined) await keytar.setPassword("a program", account, password);
        else console.log(await keytar.getPassword("a program", account));`,
      );
      session = await Session.start("unlocked");
    });
    afterAll(async () => await session?.stop());

    function probe(runtime: string, ...words: readonly string[]): unknown {
      const [file = "", ...rest] = RUNTIMES[runtime] ?? [];
      const [verb = "", reference = ""] = words;
      const said = session.run(file, [...rest, PROBE, verb, "libsecret", reference, SEED, "6"]);
      return JSON.parse(`${said}`);
    }

    it.each(INSTALLED)("is read on %s, with the bytes that keytar stored", (runtime) => {
      session.run(NODE, [program, "mine", "other"]);
      const reference = "service=a+program&account=mine";
      expect(probe(runtime, "read", reference)).toEqual({ outcome: "other", live: 0 });
      expect(session.run(NODE, [program, "mine", TEXT])).not.toBe(null);
      expect(probe(runtime, "read", reference)).toEqual({ outcome: "same", live: 0 });
    });

    it.each(INSTALLED)("is stored on %s, and keytar reads it, and writes to it", (runtime) => {
      for (const account of ["a", "b", "c", "d"].map((name) => `${runtime} ${name}`)) {
        const reference = `service=a+program&account=${encodeURIComponent(account)}`;
        expect(probe(runtime, "store", reference)).toEqual({ outcome: "ok", live: 0 });
        expect(`${session.run(NODE, [program, account])}`).toBe(`${TEXT}\n`);
        session.run(NODE, [program, account, "other"]);
        expect(probe(runtime, "read", reference)).toEqual({ outcome: "other", live: 0 });
        expect(probe(runtime, "store", reference)).toEqual({ outcome: "ok", live: 0 });
        expect(`${session.run(NODE, [program, account])}`).toBe(`${TEXT}\n`);
      }
    });
  },
);
