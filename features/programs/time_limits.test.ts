import process from "node:process";
import { afterAll, describe, expect, it } from "vitest";

// The clock of the machine is set back while a program runs. It is read when Lethe is loaded.
let shift = 0;
const now = Date.now;
Date.now = () => now() + shift;
const { CredsStage } = await import("../../testing/features/systemd_creds/stage.ts");
const { PluginStage, RECIPIENT } = await import(
  "../../testing/features/age_plugins/plugin_stage.ts"
);
const { usePlugin } = await import("../../adapters/node/age_plugins.ts");
const { readSecret } = await import("../../adapters/node/sources.ts");

const [creds, plugins] = [new CredsStage(), new PluginStage()];
const { secrets } = creds;
afterAll(() => {
  Date.now = now;
  creds.remove();
  plugins.remove();
});

describe.skipIf(process.platform === "win32")("time limits of programs", () => {
  const program = creds.program("slow", "exec /usr/bin/sleep 3");
  it("are kept by the monotonic clock, whatever is done to the time of day", async () => {
    const calls = {
      exec: readSecret(secrets, `exec:${program}`, { timeout: 400 }),
      creds: creds.use(program, { timeout: 400 }).wrap(secrets.random(16)),
      plugin: usePlugin(secrets, { program, recipient: RECIPIENT, timeout: 400 }).wrap(
        secrets.random(16),
      ),
    };
    const outcomes = Promise.allSettled(Object.values(calls));
    shift = -3_600_000;
    expect(await outcomes).toMatchObject(
      [/not whole after 400 ms/, /did not end in time/, /in time/].map((message) => ({
        reason: { message: expect.stringMatching(message) },
      })),
    );
  });
});
