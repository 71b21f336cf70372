/** age-plugin-lethe out of the packed package, as npm puts it on PATH. */
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { installNative, Project, tarball } from "../../testing/environments/project.ts";
import { hasAge, WITHOUT_AGE } from "../../testing/features/envelopes/age.ts";
import { SOAK } from "../../testing/tier.ts";

let end: () => void = () => undefined;
afterEach(() => end());

describe.skipIf(!SOAK || !hasAge)(`the packed package${WITHOUT_AGE}`, { timeout: 240_000 }, () => {
  it("brings a plugin that age finds on PATH", () => {
    const project = new Project();
    end = () => project.remove();
    project.delete("node_modules");
    const dependencies = { lethe: `file:${tarball()}` };
    project.write("package.json", JSON.stringify({ private: true, dependencies }));
    project.run(["npm", "install", "--offline", "--omit=optional", "--no-audit", "--no-fund"]);
    installNative(join(project.folder, "node_modules"));
    const said = project.run([
      "sh",
      "-ec",
      [
        "mkdir -m 700 keys",
        'export PATH="$PWD/node_modules/.bin:$PATH"',
        "age-plugin-lethe --generate --plain keys/key identity.txt",
        'recipient="$(sed -n "s/^# recipient: //p" identity.txt)"',
        'echo "a message" | age -r "$recipient" | age -d -i identity.txt',
        "age-plugin-lethe --version",
        "ls node_modules/lethe/dist/cli/age_plugin/main.js",
      ].join("\n"),
    ]);
    expect(said).toMatch(/^a message$/m);
    expect(said).toMatch(/^lethe \d+\.\d+\.\d+$/m);
  });
});
