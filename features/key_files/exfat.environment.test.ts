import { spawnSync } from "node:child_process";
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EVERY_RUNTIME, program, run } from "../../testing/features/key_files/children.ts";
import { SOAK } from "../../testing/tier.ts";

/** Why there is no real exFAT to try, or null. */
const WHY_NOT: string | null = (() => {
  if (!SOAK) return "it is left to the soak";
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "it takes root on Linux";
  const tools = ["losetup", "mkfs.exfat", "mount.exfat-fuse"];
  const missing = tools.find((tool) => spawnSync("sh", ["-c", `command -v ${tool}`]).status !== 0);
  return missing === undefined ? null : `${missing} is not installed`;
})();

let folder = "";
let device = "";

beforeAll(() => {
  if (WHY_NOT !== null) return;
  folder = mkdtempSync(join(tmpdir(), "lethe-exfat-"));
  const image = openSync(join(folder, "image"), "w");
  ftruncateSync(image, 8 * 2 ** 20);
  closeSync(image);
  mkdirSync(join(folder, "disk"));
  const shown = spawnSync("losetup", ["-f", "--show", join(folder, "image")], { encoding: "utf8" });
  device = shown.stdout.trim();
  spawnSync("mkfs.exfat", [device], { stdio: "ignore" });
  const words = ["-o", "fmask=0377,dmask=0077", device, join(folder, "disk")];
  spawnSync("mount.exfat-fuse", words, { stdio: "ignore" });
});
afterAll(() => {
  if (WHY_NOT !== null) return;
  spawnSync("umount", [join(folder, "disk")]);
  spawnSync("losetup", ["-d", device]);
  rmSync(folder, { recursive: true });
});

describe.skipIf(WHY_NOT !== null).each(Object.entries(EVERY_RUNTIME))(
  `${WHY_NOT === null ? "" : `NOT RUN, ${WHY_NOT}: `}exFAT, which has no hard links, on %s`,
  (_, command) => {
    it("keeps keys through their whole life", () => {
      const disk = join(folder, "disk");
      expect(spawnSync("ln", [join(folder, "image"), join(disk, "linked")]).status).not.toBe(0);
      const { stdout, stderr } = run([...command, program("life_probe"), disk]);
      expect([stdout, stderr]).toEqual(["done\n", ""]);
      expect(readdirSync(disk)).toEqual([]);
    });
  },
);
