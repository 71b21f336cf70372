/** What an attacker who reads the memory of age-plugin-lethe finds there after its work. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { afterAll, describe, expect, it } from "vitest";
import { openKeyFiles, openSecrets } from "../../adapters/node/mod.ts";
import { expectNoResidue } from "../../conformance/mod.ts";
import { formatKeyIdentity, formatKeyRecipient } from "../../features/envelopes/key_names.ts";
import { openEnvelopes } from "../../features/envelopes/mod.ts";
import { plainEnvironment } from "../../testing/cli/lethe.ts";
import { ANSWERS, command, commandsIn } from "../../testing/features/age_plugins/served.ts";
import { INSTALLED, RUNTIMES } from "../../testing/features/prompt/pty.ts";
import { SOAK } from "../../testing/tier.ts";

const folder = mkdtempSync(join(tmpdir(), "lethe-age-residue-"));
afterAll(() => rmSync(folder, { recursive: true }));
const secrets = openSecrets({ memory: "heap" });
const envelopes = openEnvelopes(secrets);
const copy = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes);
/** Memory that a scan can read. */
const memoryOf = (runtime: string): string => (runtime.startsWith("node") ? "sodium" : "pages");

describe.skipIf(!SOAK || process.platform !== "linux")(
  "age-plugin-lethe",
  { timeout: 60_000 },
  () => {
    it.each(INSTALLED)("on %s leaves no file key and nothing of a private key", async (runtime) => {
      const place = mkdtempSync(join(folder, `${runtime}-`));
      const path = join(place, "key");
      const leaky = randomBytes(32);
      writeFileSync(join(place, "leaky"), leaky);
      const key = openKeyFiles(secrets).createAndRead(path, "x25519");
      const fileKeys = [randomBytes(16), randomBytes(16)];
      const [toWrap, toUnwrap] = [
        fileKeys.map((fileKey) => command("wrap-file-key", fileKey)).join("") +
          command(`add-recipient ${formatKeyRecipient(key.publicKey)}`) +
          command("done") +
          command("unsupported") +
          command("ok").repeat(2),
        command(`add-identity ${formatKeyIdentity({ publicKey: key.publicKey, path })}`) +
          (await stanzasFor(envelopes.useKey({ bits: 256, ...key }), fileKeys)) +
          command("done") +
          ANSWERS,
      ];
      key.secretKey.destroy();
      const program = resolve("testing/cli/age_plugin_probe.ts");
      const [file = "", ...words] = [...(RUNTIMES[runtime] ?? []), program];
      const child = spawn(file, [...words, memoryOf(runtime), place], {
        env: plainEnvironment(),
        stdio: ["pipe", "pipe", "inherit"],
      });
      try {
        child.stdin.write(toWrap);
        const wrapped = await until(child.stdout, /^-> done\n\n/m);
        child.stdin.write(toUnwrap); // a plugin reads ahead
        const told = wrapped + (await until(child.stdout, /^ready .*\n/m));
        const commands = commandsIn(told).map(({ args, body }) => [args[0], body] as const);
        expect(commands.filter(([name]) => name === "recipient-stanza")).toHaveLength(2);
        const opened = commands.filter(([name]) => name === "file-key").map(([, body]) => body);
        expect(opened).toEqual(fileKeys);
        expect(told).toContain(`"memory":"${memoryOf(runtime)}","live":0`);
        const needles = [
          { label: "private key", bytes: copy(readFileSync(path)) },
          ...fileKeys.map((fileKey, at) => ({ label: `file key ${at}`, bytes: copy(fileKey) })),
          ...fileKeys.map((fileKey, at) => ({
            label: `file key ${at} in base64`,
            bytes: copy(Buffer.from(fileKey.toString("base64").slice(0, 22))),
          })),
        ];
        const witness = { label: "leaky", bytes: copy(leaky) };
        expectNoResidue({ pid: child.pid ?? 0, needle: needles, witness });
      } finally {
        child.kill("SIGKILL");
      }
    });
  },
);

/** Each file key, sealed to an identity, as a client passes it on. */
async function stanzasFor(
  identity: ReturnType<typeof envelopes.useKey>,
  fileKeys: readonly Uint8Array[],
): Promise<string> {
  let text = "";
  for (const [file, fileKey] of fileKeys.entries()) {
    const secret = secrets.move(copy(fileKey));
    for (const { args, body } of await identity.wrap(secret)) {
      text += command(`recipient-stanza ${file} ${args.join(" ")}`, body);
    }
    secret.destroy();
  }
  identity.destroy();
  return text;
}

/** What is told, up to a text that ends it. */
async function until(output: NodeJS.ReadableStream, end: RegExp): Promise<string> {
  let told = "";
  return await new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error(`It ended: ${told}`));
    const take = (part: Buffer): void => {
      told += part.toString("latin1");
      if (!end.test(told)) return;
      output.off("data", take).off("end", fail);
      resolve(told);
    };
    output.on("data", take).on("end", fail);
  });
}
