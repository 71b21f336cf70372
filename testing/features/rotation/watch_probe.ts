/** Follows a volume in the runtime that runs this, and says which versions and events it saw. */
import { renameSync } from "node:fs";
import type { OpenSecrets } from "../../../core/mod.ts";
import type { RotationEvent } from "../../../features/rotation/mod.ts";
import { rotating } from "../../../features/rotation/mod.ts";
import { watchDirectory } from "../../../features/rotation/watch_directory.ts";
import { say } from "../../memories/pages/runtime.ts";
import { Volume } from "./volume.ts";
import { VolumeSource } from "./volume_source.ts";

const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
const { openSecrets } = (await import(`../../../adapters/${runtime}/mod.ts`)) as {
  readonly openSecrets: OpenSecrets;
};
const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const volume = new Volume();
volume.write({ token: "version 0" });
const events: RotationEvent[] = [];
const secrets = openSecrets({ memory: "heap" });
const token = await rotating(secrets, new VolumeSource(["token"]), volume.path, {
  ...{ watch: watchDirectory(volume.path), overlap: 0, jitter: 0 },
  onEvent: (event) => void events.push(event),
});
const seen: string[] = [];

/** Waits until another version serves, and says what is in it. */
async function next(change: () => void): Promise<void> {
  const before = token.version;
  change();
  for (let tries = 0; token.version === before && tries < 400; tries++) await pause(25);
  token.use((record) =>
    record.field("token").expose((bytes) => void seen.push(String.fromCharCode(...bytes))),
  );
}

for (let version = 1; version <= 5; version++) {
  await next(() => volume.write({ token: `version ${version}` }));
}
// Another directory takes the place of the one that is watched.
const other = new Volume();
for (let version = 6; version <= 9; version++) other.write({ token: `version ${version}` });
await next(() => {
  renameSync(volume.path, `${volume.path}-old`);
  renameSync(other.path, volume.path);
});
for (let tries = 0; tries < 200 && !isBack(); tries++) await pause(25);
Object.assign(other, { path: volume.path });
await next(() => other.write({ token: "version 10" }));
token.close();
other.remove();
Object.assign(volume, { path: `${volume.path}-old` });
volume.remove();
say({ seen, ended: events.filter(({ kind }) => kind === "watch-ended"), live: secrets.stats.live });

function isBack(): boolean {
  return token.version?.endsWith("_3") === true;
}
