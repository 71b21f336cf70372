/** Tokens of SoftHSM in another process: `p11-kit server`, over its socket. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { leftBy, STATES } from "../../testing/features/pkcs11/left_by.ts";
import { COMMANDS, runProbe } from "../../testing/features/pkcs11/run_probe.ts";
import { EVERY, ONE_EACH, Scene } from "../../testing/features/pkcs11/scene.ts";
import { noServer, TokenServer } from "../../testing/features/pkcs11/server.ts";
import { noSoftHsm, P11_KIT_CLIENT } from "../../testing/features/pkcs11/softhsm.ts";
import { SOAK } from "../../testing/tier.ts";

const missing = noSoftHsm ?? noServer;
const why = missing === null ? "" : `NOT RUN, ${missing}: `;

let scene: Scene;
beforeAll(() => {
  if (missing === null && SOAK) scene = new Scene();
});
afterAll(() => scene?.stop());

const LONG = { timeout: 300_000 };

describe.skipIf(missing !== null || !SOAK)(`${why}behind p11-kit server`, LONG, () => {
  let server: TokenServer;
  beforeAll(async () => {
    scene.hsm.addKey("lethe", scene.pin, "aes:32", "sealing", "03");
    server = new TokenServer(scene.hsm);
    await server.start("lethe");
  });
  afterAll(async () => await server?.kill());
  const remote = (object: string): string => scene.hsm.uri("lethe", object, "", P11_KIT_CLIENT);

  it.each(EVERY.filter((name) => name !== "node-26 by node:ffi"))(
    "keys follow the rules of wrappers on %s",
    async (runtime) => {
      const conform = { uri: remote("envelopes"), other: remote("others") };
      const said = await runProbe(runtime, server.env, scene.job("conform", "", conform));
      expect(said).toMatchObject({ outcome: [], live: 0 });
    },
  );

  it.each(ONE_EACH)(
    "a kill in the middle of calls is an error on %s, and it works again",
    async (runtime) => {
      const words = [...(COMMANDS[runtime] ?? [])];
      const program = new URL("../../testing/features/pkcs11/probe.ts", import.meta.url).pathname;
      const until = JSON.stringify(scene.job("until", "", { uri: remote("envelopes") }));
      const child = spawn("env", [...server.env, ...words, program, until]);
      const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
      expect((await lines.next()).value).toBe("started");
      await new Promise((resolve) => setTimeout(resolve, 700));
      await server.kill();
      await server.start("lethe");
      const { value } = await lines.next();
      child.stdin.end();
      await once(child, "close");
      const said = JSON.parse(/^ready \d+ (.*)$/.exec(`${value}`)?.[1] ?? "{}");
      expect(said).toMatchObject({
        outcome: { failure: { code: "ERR_LETHE_WRAPPER" }, after: "works again" },
        live: 0,
      });
    },
  );

  it.each(
    ONE_EACH.flatMap((runtime) => STATES.map(([does, memory]) => [runtime, does, memory] as const)),
  )("the client leaves no file key and no PIN on %s: %s, %s", async (runtime, does, memory) => {
    const given = scene.job(does, "", { uri: remote("envelopes"), memory });
    expect(await leftBy(runtime, server.env, given, scene.pin)).toEqual({ key: 0, pin: 0, memory });
  });

  it("a mechanism that it does not hand on is said to be not offered", async () => {
    const { outcome } = await runProbe(
      ...(["node-24", server.env, scene.job("rounds", "", { uri: remote("sealing") })] as const),
    );
    expect(outcome).toMatchObject({ returnValue: "CKR_MECHANISM_INVALID" });
  });

  it("no server is an error", async () => {
    await server.kill();
    rmSync(server.socket, { force: true });
    const { outcome, live } = await runProbe(
      ...(["node-24", server.env, scene.job("rounds", "", { uri: remote("sealing") })] as const),
    );
    expect(outcome).toMatchObject({ code: "ERR_LETHE_WRAPPER" });
    expect(live).toBe(0);
  });
});
