import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import type { Needle } from "../../conformance/mod.ts";
import { AgentClient } from "../../testing/features/agent/client.ts";
import { ClientKey, passphrase, signing } from "../../testing/features/agent/keys.ts";
import { message } from "../../testing/features/agent/messages.ts";
import { Application, expectClean } from "../../testing/features/custodian/stage.ts";
import { INSTALLED, MISSING, RUNTIMES } from "../../testing/features/prompt/pty.ts";
import { SOAK } from "../../testing/tier.ts";
import { u32 } from "../keys/ssh.ts";

const PROGRAM = fileURLToPath(new URL("../../testing/features/agent/program.ts", import.meta.url));
const [FAILURE, SUCCESS, KEYS] = [5, 6, 12];

let application: Application | undefined;
afterEach(() => application?.close());

describe.skipIf(MISSING !== null || !SOAK).each(INSTALLED)(
  "AGENT-1: of what clients of an agent on %s send,",
  (runtime) => {
    it("nothing is left in either process: a key that is held, pipelined, too long, cut or never read, a guess that waits", async () => {
      const options = JSON.stringify({
        open: true,
        clientMilliseconds: 5000,
        mostConnections: 4,
      });
      const kind = runtime.replace(/-.*/, "");
      const command = [...(RUNTIMES[runtime] ?? []), PROGRAM, kind, "auto", options];
      const started = new Application(command);
      application = started;
      const [, mine, its, socket = ""] = await started.saw(/ready (\d+) (\d+) (\S+)/);
      const connect = (): Promise<AgentClient> => AgentClient.open(socket);
      const needles: Needle[] = [];
      const key = (label: string): ClientKey => {
        const made = new ClientKey();
        needles.push({ label, bytes: made.seed });
        return made;
      };

      const held = key("held");
      const owner = await connect();
      expect(await owner.ask(message(25, ...held.fields, [2]))).toBe(SUCCESS);

      // No words: what a program's own source says lies in its memory too.
      const wrong = randomBytes(18).toString("hex");
      needles.push({ label: "passphrase", bytes: Uint8Array.from(Buffer.from(wrong)) });
      expect(await owner.ask(passphrase(23, wrong))).toBe(FAILURE);
      const pin = key("for a token, whose request is passed over");
      expect(await owner.ask(message(20, pin.seed, pin.seed))).toBe(FAILURE);
      // Behind each a scan follows at once: on Bun, what comes next lies over what came before.
      const scan = (): void => expectClean(Number(mine), needles);
      scan();

      const guessed = randomBytes(18).toString("hex");
      needles.push({ label: "guess", bytes: Uint8Array.from(Buffer.from(guessed)) });
      expect(await owner.ask(passphrase(22, "what unlocks it"))).toBe(SUCCESS);
      for (let wait = 0; wait < 10; wait++) {
        expect(await owner.ask(passphrase(23, wrong))).toBe(FAILURE);
      }
      const patient = await connect();
      owner.send(passphrase(23, wrong)); // its answer comes after a second, and the guess behind it waits that long
      await new Promise((resolve) => setTimeout(resolve, 100));
      patient.send(passphrase(23, guessed));
      await new Promise((resolve) => setTimeout(resolve, 100));
      scan();
      expect((await owner.answer())?.[0]).toBe(FAILURE);
      expect((await patient.answer())?.[0]).toBe(FAILURE);
      patient.end();
      expect(await owner.ask(passphrase(23, "what unlocks it"))).toBe(SUCCESS);

      const hasty = await connect();
      hasty.send(Buffer.concat([signing(held.blob), key("pipelined").adding]));
      await new Promise((resolve) => setTimeout(resolve, 100));
      scan();
      const long = await connect();
      long.send(Buffer.concat([u32(20_000), key("too long").adding.subarray(4)].map(Buffer.from)));
      await long.closed;
      scan();
      const cut = await connect();
      cut.send(key("cut").adding.subarray(0, 120));
      await new Promise((resolve) => setTimeout(resolve, 100));
      scan();
      await cut.closed; // when its time is over
      hasty.end();
      expect(await owner.ask(message(11))).toBe(KEYS);
      scan();
      expectClean(Number(its), needles);
      owner.end();
    }, 120_000);
  },
);
