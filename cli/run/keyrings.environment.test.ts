import { spawnSync } from "node:child_process";
import process from "node:process";
import { describe, expect, it } from "vitest";
import { CLI_RUNTIMES, lethe, outcomeOf, plainEnvironment } from "../../testing/cli/lethe.ts";
import { noSecretService, Session } from "../../testing/features/keyrings/session.ts";
import { SOAK } from "../../testing/tier.ts";

const TEXT = "a päss word";
const READ = ["--", "sh", "-c", "cat <&3"];

const service = noSecretService === null ? "" : `NOT RUN, ${noSecretService} is missing: `;
describe.skipIf(noSecretService !== null || !SOAK).each(CLI_RUNTIMES)(
  `${service}lethe run --from keyring: on %s`,
  { timeout: 120_000 },
  (runtime) => {
    it("hands over what secret-tool stored, without its newline, and says what is not there", async () => {
      const session = await Session.start("unlocked");
      try {
        const words = ["store", "--label=lethe", "service", "lethe run"];
        expect(session.run("secret-tool", words, `${TEXT}\n`)).not.toBe(null);
        const read = (reference: string): object =>
          outcomeOf(lethe(runtime, "run", "--from", `word=keyring:${reference}`, ...READ), {
            env: { ...plainEnvironment(), ...session.env, NODE_NO_WARNINGS: "1" },
          });
        expect(read("service=lethe+run")).toEqual({ status: 0, stdout: TEXT, stderr: "" });
        expect(read("service=none")).toMatchObject({
          ...{ status: 2, stdout: "" },
          stderr: expect.stringContaining("no item has these attributes"),
        });
      } finally {
        await session.stop();
      }
    });
  },
);

/** A session keyring with a key, as a login has one. */
const inSession = (script: string): readonly string[] => [
  ...["keyctl", "session", "-", "sh", "-c"],
  `keyctl add user lethe-run "$TEXT" @s >/dev/null && ${script}`,
  "sh",
];
const hasKeys =
  process.platform === "linux" &&
  outcomeOf(inSession("true"), { env: plainEnvironment({ TEXT }) }).status === 0;
const kernel = hasKeys ? "" : "NOT RUN, keyctl(1) is missing, or the kernel's keyrings: ";
describe.skipIf(!hasKeys || !SOAK).each(CLI_RUNTIMES)(
  `${kernel}lethe run --from kernel-keyring: on %s`,
  { timeout: 120_000 },
  (runtime) => {
    it("hands over a key of the session, and says what is not there", () => {
      const read = (name: string): object => {
        const words = lethe(runtime, "run", "--from", `word=kernel-keyring:${name}`, ...READ);
        const env = plainEnvironment({ TEXT });
        const { stdout, stderr, status } = spawnSync(
          "keyctl",
          [...inSession('exec "$@"').slice(1), ...words],
          { env, encoding: "utf8", timeout: 60_000 },
        );
        return { stdout, status, stderr: stderr.replace(/^Joined session keyring: \d+\n/, "") };
      };
      expect(read("lethe-run")).toEqual({ status: 0, stdout: TEXT, stderr: "" });
      expect(read("none")).toMatchObject({
        ...{ status: 2, stdout: "" },
        stderr: expect.stringContaining("there is no such key"),
      });
    });
  },
);
