import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { needlesOf } from "../../testing/features/agent/needles.ts";
import { OpenSsh } from "../../testing/features/agent/openssh.ts";
import { NO_SSHD, Sshd } from "../../testing/features/agent/sshd.ts";
import { Application, expectClean } from "../../testing/features/custodian/stage.ts";
import { INSTALLED, RUNTIMES } from "../../testing/features/prompt/pty.ts";
import { SOAK } from "../../testing/tier.ts";

const PROGRAM = fileURLToPath(
  new URL("../../testing/features/agent/ssh2_login.ts", import.meta.url),
);
const TYPES = [
  ["rsa", "-b", "2048"],
  ["ecdsa", "-b", "256"],
  ["ecdsa", "-b", "384"],
  ["ecdsa", "-b", "521"],
  ["ed25519"],
] as const;

let openssh: OpenSsh | undefined;
let server: Sshd | undefined;
let application: Application | undefined;
afterEach(async () => {
  await application?.close();
  server?.stop();
  openssh?.remove();
});

describe.skipIf(!SOAK || NO_SSHD !== "").each(INSTALLED)(
  `SSHCLIENT-2: the package ssh2 on %s, at a real sshd${NO_SSHD}`,
  (runtime) => {
    it("logs in with keys of a custodian, of which no copy is left in either process", async () => {
      const own = new OpenSsh("");
      openssh = own;
      const files = TYPES.map(([type, ...more], at) =>
        own.makeKey(`id_${at}`, "-t", type, ...more),
      );
      server = await Sshd.start(
        own,
        files.map((file) => readFileSync(`${file}.pub`, "utf8").trim()),
      );
      const [command = [], kind = ""] = [RUNTIMES[runtime], runtime.replace(/-.*/, "")];
      application = new Application([...command, PROGRAM, kind, `${server.port}`, ...files]);
      const [, mine, its] = await application.saw(/ready (\d+) (\d+)/);
      expect(application.text.match(/login: .*/g)).toEqual(TYPES.map(() => "login: inside"));
      expect(application.text).toContain("spent: ERR_LETHE_POLICY; All configured");
      const needles = files.flatMap((file) => needlesOf(file, file));
      expectClean(Number(mine), needles);
      expectClean(Number(its), needles);
    });
  },
);
