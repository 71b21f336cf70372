import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { derivedNeedle, scanProcess } from "../../conformance/mod.ts";
import { startWaiting } from "../../testing/features/key_files/children.ts";
import { measure } from "../../testing/features/keyrings/measure.ts";
import { noSecretService, Session } from "../../testing/features/keyrings/session.ts";
import { INSTALLED, RUNTIMES, WITHOUT_FFI } from "../../testing/features/prompt/pty.ts";
import { SOAK } from "../../testing/tier.ts";

const PROBE = new URL("../../testing/features/keyrings/service_probe.ts", import.meta.url).pathname;
const BUN_PROBE = new URL("../../testing/features/keyrings/bun_probe.ts", import.meta.url).pathname;
const BUN_SEED = 8851;
const variables = ({ env }: Session): readonly string[] =>
  Object.entries(env).map(([name, value]) => `${name}=${value}`);
const why = noSecretService === null ? "" : `NOT RUN, ${noSecretService} is missing: `;
const WAYS = ["libsecret", "secret-tool"] as const;
const BOTH = INSTALLED.flatMap((runtime) => WAYS.map((way) => [runtime, way] as const));
const COMMANDS = { ...RUNTIMES, ...WITHOUT_FFI };

describe.skipIf(noSecretService !== null || !SOAK)(
  `${why}the Secret Service`,
  { timeout: 120_000 },
  () => {
    let session: Session;
    beforeAll(async () => {
      session = await Session.start("unlocked");
    });
    afterAll(async () => await session?.stop());

    function read(runtime: string, env: NodeJS.ProcessEnv): string {
      return probe(runtime, { env }, "read", "libsecret", "service=lethe+none", 1, 8);
    }

    function probe(
      runtime: string,
      here: Pick<Session, "env">,
      ...words: readonly (string | number)[]
    ): string {
      const [file = "", ...rest] = [...(COMMANDS[runtime] ?? []), PROBE, ...words.map(String)];
      const env = { ...here.env, NODE_NO_WARNINGS: "1" };
      const { stdout, stderr } = spawnSync(file, rest, { env, encoding: "utf8", timeout: 50_000 });
      const said = JSON.parse(
        stdout.trim().split("\n").at(-1) || JSON.stringify({ outcome: stderr }),
      );
      expect(said.live ?? 0).toBe(0);
      return said.outcome;
    }

    it.each(BOTH)("gives %s through %s what secret-tool stored", (runtime, way) => {
      const text = "pässword with ünicode\nand a line";
      const words = ["store", "--label=lethe", "--", "service", "lethe text", "user", "-me&you"];
      expect(session.run("secret-tool", words, text)).not.toBe(null);
      const reference = "service=lethe+text&user=-me%26you";
      expect(probe(runtime, session, "read", way, reference, 1, 8)).toBe("other");
      expect(probe(runtime, session, "read", way, "service=lethe+none", 1, 8)).toBe(
        "ERR_LETHE_SOURCE_MISSING",
      );
    });

    it.each(INSTALLED)("stores from %s what it and secret-tool read, and removes it", (runtime) => {
      const reference = `service=lethe&from=${runtime}`;
      for (const byteLength of [1, 4097]) {
        const seed = 8830 + byteLength;
        expect(probe(runtime, session, "store", "libsecret", reference, seed, byteLength)).toBe(
          "ok",
        );
        expect(probe(runtime, session, "read", "libsecret", reference, seed, byteLength)).toBe(
          "same",
        );
      }
      const read = session.run("secret-tool", ["lookup", "service", "lethe", "from", runtime]);
      expect(read).toEqual(Buffer.from(derivedNeedle(8830 + 4097, 4097).bytes));
      expect(probe(runtime, session, "remove", "libsecret", reference, 1, 8)).toBe("ok");
      expect(probe(runtime, session, "remove", "libsecret", reference, 1, 8)).toBe(
        "ERR_LETHE_SOURCE_MISSING",
      );
    });

    it.each(INSTALLED)(
      "writes and removes from %s the item that is meant, and no other",
      (runtime) => {
        const service = `whose ${runtime}`;
        const reference = `service=${encodeURIComponent(service)}`;
        const stored = (text: string, ...words: readonly string[]): void => {
          const all = ["store", "--label=lethe", "service", service, ...words];
          expect(session.run("secret-tool", all, text)).not.toBe(null);
        };
        const found = (...words: readonly string[]): string =>
          `${session.run("secret-tool", ["lookup", "service", service, ...words])}`;
        const count = (): number =>
          `${session.run("secret-tool", ["search", "--all", "service", service])}`.split("label =")
            .length - 1;
        stored("more", "user", "me");
        const longer = `${reference}&place=here`;
        expect(probe(runtime, session, "store", "libsecret", longer, 8860, 40)).toBe("ok");
        stored("another kind", "xdg:schema", "org.example.Other");
        for (const seed of [8861, 8862]) {
          expect(probe(runtime, session, "store", "libsecret", reference, seed, 40)).toBe("ok");
          expect(probe(runtime, session, "read", "libsecret", reference, seed, 40)).toBe("same");
          expect(count()).toBe(4);
        }
        expect(probe(runtime, session, "remove", "libsecret", reference, 1, 8)).toBe("ok");
        expect(count()).toBe(3);
        expect(found("user", "me")).toBe("more");
        expect(probe(runtime, session, "read", "libsecret", longer, 8860, 40)).toBe("same");
        expect(found("xdg:schema", "org.example.Other")).toBe("another kind");
        expect(probe(runtime, session, "remove", "libsecret", reference, 1, 8)).toBe(
          "ERR_LETHE_SOURCE_MISSING",
        );
      },
    );

    it.each(INSTALLED)("writes from %s to the item that secret-tool made", (runtime) => {
      // GNOME Keyring gives such an item a kind, or none, as it happens.
      for (const name of ["a", "b", "c", "d"]) {
        const words = ["service", `made ${runtime}`, "name", name];
        session.run("secret-tool", ["store", "--label=lethe", ...words], "text");
        const reference = `service=made+${runtime}&name=${name}`;
        expect(probe(runtime, session, "store", "libsecret", reference, 8863, 40)).toBe("ok");
        expect(session.run("secret-tool", ["lookup", ...words])).toEqual(
          Buffer.from(derivedNeedle(8863, 40).bytes),
        );
        const all = `${session.run("secret-tool", ["search", "--all", ...words])}`;
        expect(all.split("label =")).toHaveLength(2);
      }
    });

    it.skipIf(!INSTALLED.includes("bun"))("makes one item where many store at once", async () => {
      const [file = "", ...rest] = [...(COMMANDS["bun"] ?? []), PROBE, "store", "libsecret"];
      const time = Date.now() + 2000;
      const children = Array.from({ length: 6 }, (_, index) => {
        const words = [...rest, "service=at+once", `${8870 + index}`, "40", `${time}`];
        return spawn(file, words, { env: session.env, stdio: "ignore" });
      });
      expect(
        await Promise.all(children.map(async (child) => (await once(child, "exit"))[0])),
      ).toEqual(children.map(() => 0));
      const all = `${session.run("secret-tool", ["search", "--all", "service", "at once"])}`;
      expect(all.split("label =")).toHaveLength(2);
    });

    it("says where it cannot be done without FFI", () => {
      const [runtime = ""] = Object.keys(WITHOUT_FFI);
      expect(probe(runtime, session, "read", "libsecret", "a=b", 1, 8)).toMatch(
        /^ERR_LETHE_SOURCE_(UNAVAILABLE|MISSING)$/, // Node 26 has FFI without koffi
      );
      expect(probe("node-24", session, "store", "secret-tool", "a=b", 1, 8)).toBe(
        "ERR_LETHE_UNSUPPORTED",
      );
      expect(probe("node-24", session, "read", "libsecret", "no attributes&=", 1, 8)).toMatch(
        /^TypeError/,
      );
    });

    it.each(INSTALLED)("leaves nothing in %s through libsecret", async (runtime) => {
      const bytes = derivedNeedle(8841, 48).bytes;
      session.run("secret-tool", ["store", "--label=lethe", "service", "residue"], bytes);
      const around = ["env", ...variables(session)];
      const measured = await measure({
        ...{ runtime, memory: "pages", kind: "libsecret", reference: "service=residue" },
        ...{ seed: 8841, byteLength: 48, around },
      });
      expect(measured).toMatchObject({ outcome: "ok", live: 0, copies: 0 });
    });

    it.each(INSTALLED)("leaves nothing in %s that stores through libsecret", async (runtime) => {
      const measured = await measure({
        ...{ runtime, memory: "pages", kind: "libsecret", reference: "service=stored" },
        ...{ seed: 8843, byteLength: 48, verb: "store", around: ["env", ...variables(session)] },
      });
      expect(measured).toMatchObject({ outcome: "ok", live: 0, copies: 0 });
    });

    it.each(INSTALLED)("leaves nothing in %s itself through secret-tool", async (runtime) => {
      const bytes = derivedNeedle(8842, 48).bytes;
      session.run("secret-tool", ["store", "--label=lethe", "service", "residue"], bytes);
      const around = ["env", ...variables(session)];
      const measured = await measure({
        ...{ runtime, memory: "pages", kind: "secret-tool", reference: "service=residue" },
        ...{ seed: 8842, byteLength: 48, around },
      });
      expect(measured).toMatchObject({ outcome: "ok", live: 0, copies: 0 });
    });

    it.each(INSTALLED)("tells %s that no daemon answers", async (runtime) => {
      const none = await Session.start("none");
      try {
        expect(probe(runtime, none, "read", "libsecret", "service=lethe", 1, 8)).toBe(
          "ERR_LETHE_SOURCE_UNAVAILABLE",
        );
        expect(probe(runtime, none, "read", "secret-tool", "service=lethe", 1, 8)).toBe(
          "ERR_LETHE_SOURCE_MISSING", // which it does not tell apart, and says so
        );
      } finally {
        await none.stop();
      }
    });

    it.each(INSTALLED)("starts no dbus-launch of PATH on %s", (runtime) => {
      const folder = mkdtempSync(join(tmpdir(), "lethe-path-"));
      const seen = join(folder, "seen");
      try {
        writeFileSync(join(folder, "dbus-launch"), `#!/bin/sh\n: > ${seen}\n`, { mode: 0o755 });
        const { DBUS_SESSION_BUS_ADDRESS: _, ...env } = session.env;
        const here = { ...env, DISPLAY: ":77", PATH: `${folder}:${process.env["PATH"]}` };
        for (const address of [{}, { DBUS_SESSION_BUS_ADDRESS: "unix:path=/none;autolaunch:" }]) {
          expect(read(runtime, { ...here, ...address })).toBe("ERR_LETHE_SOURCE_UNAVAILABLE");
        }
        expect(existsSync(seen)).toBe(false);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    it.each(INSTALLED)("finds the bus in the runtime folder on %s", async (runtime) => {
      const { DBUS_SESSION_BUS_ADDRESS: address = "", ...env } = session.env;
      const socket = /path=([^,]+)/.exec(address)?.[1] ?? "";
      const folder = `${env["XDG_RUNTIME_DIR"]}`;
      symlinkSync(socket, join(folder, "bus"));
      try {
        expect(read(runtime, env)).toBe("ERR_LETHE_SOURCE_MISSING");
      } finally {
        unlinkSync(join(folder, "bus"));
      }
    });

    it.skipIf(!INSTALLED.includes("bun"))(
      "leaves what it declares through Bun.secrets",
      async () => {
        const { bytes } = derivedNeedle(BUN_SEED, 24);
        const value = Buffer.from(bytes).toString("hex");
        const set = `await Bun.secrets.set({ service: "lethe", name: "bun", value: "${value}" })`;
        expect(session.run(COMMANDS["bun"]?.[0] ?? "", ["-e", set])).not.toBe(null);
        const command = ["env", ...variables(session), ...(COMMANDS["bun"] ?? []), BUN_PROBE];
        const target = await startWaiting<{ outcome: string; lengths: readonly number[] }>(command);
        try {
          expect(target.said).toEqual({
            outcome: "ERR_LETHE_SOURCE_MISSING",
            lengths: [48, 48, 48],
          });
          const report = scanProcess(target.pid, [derivedNeedle(BUN_SEED, 24)]);
          if (report.outcome !== "scanned") throw new Error(report.reason);
          expect(report.findings.length).toBeGreaterThan(0); // no claim that it leaves less
        } finally {
          await target.stop();
        }
      },
    );

    it("tells that the keyring is locked", async () => {
      const locked = await Session.start("unlocked");
      try {
        expect(
          locked.run("secret-tool", ["store", "--label=lethe", "service", "lethe"], "text"),
        ).not.toBe(null);
        expect(probe("node-24", locked, "read", "libsecret", "service=lethe", 1, 8)).toBe("other");
        locked.lock();
        for (const runtime of INSTALLED) {
          for (const [verb, reference] of [
            ["read", "service=lethe"],
            ["store", "service=lethe"],
            ["store", "service=new"],
            ["remove", "service=lethe"],
          ] as const) {
            expect(probe(runtime, locked, verb, "libsecret", reference, 1, 8)).toBe(
              "ERR_LETHE_SOURCE_LOCKED",
            );
          }
        }
      } finally {
        await locked.stop();
      }
    });
  },
);
