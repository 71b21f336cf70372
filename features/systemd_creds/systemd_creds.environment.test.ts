/** The program itself, with host keys in files of the test: none is made on this machine. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { CredsStage, noSystemdCreds } from "../../testing/features/systemd_creds/stage.ts";
import { runWrapperConformance } from "../envelopes/mod.ts";

const stage = new CredsStage();
const { secrets, envelopes, use, land, expectFailure } = stage;
const why = noSystemdCreds === null ? "" : `NOT RUN, ${noSystemdCreds}: `;
const message = new Uint8Array(Buffer.from("a message"));
afterEach(() => expect(secrets.stats.live).toBe(0));
afterAll(() => stage.remove());

describe.skipIf(noSystemdCreds !== null)(`${why}a host's key`, { timeout: 60_000 }, () => {
  it("follows the rules of wrappers", async () => {
    const [wrapper, other] = [use(stage.host()), use(stage.host(), { name: "archive" })];
    expect(await runWrapperConformance({ secrets, wrapper, other })).toEqual([]);
  });

  it("seals and opens with others beside it, many at a time", async () => {
    const [key, other] = [use(stage.host()), envelopes.createIdentity()];
    const envelope = await envelopes.seal(message, [other, key]);
    const opened = await Promise.all(
      Array.from({ length: 8 }, () => envelopes.open(envelope, [key])),
    );
    for (const secret of opened) {
      expect(secret.equals(message)).toBe(true);
      secret.destroy();
    }
    other.destroy();
  });

  it("is that of systemd-creds by hand, both ways", async () => {
    const plain = randomBytes(16);
    const fileKey = secrets.move(new Uint8Array(plain));
    const [stanza] = await use(stage.host()).wrap(fileKey);
    fileKey.destroy();
    expect(stanza?.args).toEqual(["lethe/systemd-creds", "host", "backup"]);
    const text = Buffer.from(Buffer.from(stanza?.body ?? []).toString("base64"));
    expect(stage.byHand(["decrypt", "--name=backup", "-", "-"], text)).toEqual(plain);
    const theirs = stage.byHand(["encrypt", "-H", "--name=backup", "-", "-"], plain).toString();
    const body = new Uint8Array(Buffer.from(theirs, "base64"));
    const args = ["lethe/systemd-creds", "host", "backup"] as const;
    const opened = await use(stage.host()).unwrap([{ args, body }], land);
    expect(opened?.equals(new Uint8Array(plain))).toBe(true);
    opened?.destroy();
  });

  it("of another host opens nothing, and does not keep others from opening", async () => {
    const [here, there] = [use(stage.host()), use(stage.host("there"))];
    const own = await envelopes.seal(message, [here]);
    await expectFailure(() => envelopes.open(own, [there]), /of another host.*by hand/);
    // Both of one name: the stanza of the other host stands in front.
    const both = await envelopes.seal(message, [there, here]);
    const secret = await envelopes.open(both, [here]);
    expect(secret.equals(message)).toBe(true);
    secret.destroy();
  });

  it("opens no credential of another name that was given this one", async () => {
    const fileKey = secrets.random(16);
    const [stanza] = await use(stage.host(), { name: "Backup" }).wrap(fileKey);
    fileKey.destroy();
    const args = ["lethe/systemd-creds", "host", "backup"] as const;
    const renamed = { args, body: stanza?.body ?? new Uint8Array() };
    await expectFailure(() => use(stage.host()).unwrap([renamed], land), /ended with status 1/);
  });

  it("CREDENTIAL-1: does not ask about a credential of no key, which systemd-creds decrypts", async () => {
    const made = stage.byHand(
      ["encrypt", "--with-key=tpm2-absent", "--name=backup", "-", "-"],
      randomBytes(16),
    );
    expect(stage.byHand(["decrypt", "--name=backup", "-", "-"], made)).toHaveLength(16);
    const trace = join(stage.folder, "asked");
    const program = stage.program("asking", `: > '${trace}'; exec '${stage.host()}' "$@"`);
    const body = new Uint8Array(Buffer.from(made.toString(), "base64"));
    for (const key of ["host", "tpm2", "host+tpm2"] as const) {
      const args = ["lethe/systemd-creds", key, "backup"] as const;
      await expectFailure(
        () => use(program, { key }).unwrap([{ args, body }], land),
        /its lethe\/systemd-creds stanza has not the form/,
        "ERR_LETHE_ENVELOPE_FORMAT",
      );
    }
    expect(existsSync(trace)).toBe(false);
  });

  it("does not seal to no key where the program does", async () => {
    const program = stage.program(
      "absent",
      `shift 2; exec '${stage.host()}' encrypt --with-key=tpm2-absent "$@"`,
    );
    await expectFailure(
      () => envelopes.seal(message, [use(program)]),
      /is not a credential of the key host/,
    );
  });
});
