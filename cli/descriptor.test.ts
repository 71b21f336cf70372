import { expect, it } from "vitest";
import { CLI_RUNTIMES, lethe, outcomeOf } from "../testing/cli/lethe.ts";
import { SOAK } from "../testing/tier.ts";
import type { Command } from "./command_line/command.ts";
import { COMMAND_NAMES, loadCommand } from "./commands.ts";

it("every option that takes a descriptor says so, so that it is checked", async () => {
  const found: string[] = [];
  for (const name of COMMAND_NAMES) {
    const { options } = (await loadCommand(name)) as Command;
    for (const [option, { descriptor }] of Object.entries(options)) {
      expect(descriptor !== undefined, `${name} --${option}`).toBe(option.endsWith("-fd"));
      if (descriptor !== undefined) found.push(`${name} --${option} ${descriptor}`);
    }
  }
  expect(found).toContain("key --out-fd written");
  expect(found.length).toBe(6);
});

const WAITING = [
  "envelope seal /etc/hostname out --passphrase --passphrase-fd",
  ...(SOAK
    ? [
        "envelope open /etc/hostname out --passphrase --passphrase-fd",
        "key create out --seal --passphrase-fd",
        "key change-passphrase /etc/hostname --new-passphrase-fd",
        "key convert /etc/hostname --to seed --plain --passphrase-fd",
        "key convert /etc/hostname --to seed --plain --out-fd",
        "agent --passphrase-fd",
        "run --prompt p --passphrase-fd",
      ]
    : []),
];

it.skipIf(process.platform !== "linux").each(CLI_RUNTIMES)(
  "a descriptor that nobody opened is refused, also one of the runtime's own, on %s",
  (runtime) => {
    for (const words of WAITING) {
      for (const number of SOAK ? ["4", "5", "10", "18", "77"] : ["5"]) {
        const program = /^(?:agent|run)/.test(words) ? ["--", "true"] : [];
        const command = lethe(runtime, ...words.split(" "), number, ...program);
        const { status, stdout, stderr } = outcomeOf(["timeout", "20", "setsid", "-w", ...command]);
        expect([status, stdout], words).toEqual([2, ""]);
        expect(stderr).toMatch(
          new RegExp(`-fd ${number} is not open; open it with ${number}[<>]FILE\\n$`),
        );
      }
    }
  },
);
