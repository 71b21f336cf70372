import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EVERY_RUNTIME, program, run } from "../../testing/features/key_files/children.ts";
import { SOAK } from "../../testing/tier.ts";

/** Why files of other users, mounts and access lists cannot be made here, or null. */
const WHY_NOT: string | null = (() => {
  if (!SOAK) return "it is left to the soak";
  if (process.platform !== "linux") return "it is written for Linux";
  if (process.getuid?.() !== 0) return "it takes root, to make files of other users";
  const folder = mkdtempSync(join(tmpdir(), "lethe-platform-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "none", folder]).status === 0;
  if (mounted) spawnSync("umount", [folder]);
  rmSync(folder, { recursive: true });
  if (!mounted) return "mount(8) is not allowed";
  return spawnSync("setfacl", ["--version"]).status === 0 ? null : "setfacl(1) is not installed";
})();

/** As each platform makes them: see the profiles of trust.ts. */
const SCRIPT = `
set -e; cd "$1"; key() { head -c 32 /dev/urandom > "$1"; chmod "$2" "$1"; chown "$3" "$1"; }
volume() { mkdir "$1"; chown 0:1000 "$1"; chmod "$2" "$1"; mkdir "$1/..2026"; chown 0:1000 "$1/..2026"
  chmod 2750 "$1/..2026"; key "$1/..2026/key" 440 0:1000; ln -s ..2026 "$1/..data"; ln -s ..data/key "$1/key"; }
volume k8s 3777; volume open 0777; volume lax 3777; chmod 2770 lax/..2026
volume world 3777; chmod 755 world/..2026; chmod 644 world/..2026/key
volume closed 0755; chmod 755 closed/..2026; chmod 400 closed/..2026/key
volume planted 3777; rm planted/key; ln -s ..data/key planted/key; chown -h 1000 planted/key; chown -h 1234 planted/..data
volume crooked 3777; ln -s /etc/hostname crooked/host; ln -s ..data/../../k8s/..2026/key crooked/up
volume group 3777; chown 0:4000 group/..2026/key; setfacl -m u:1000:r group/..2026/key
mkdir -m 500 cred; for n in k two grp any; do key cred/$n 400 0:0; setfacl -m u:1000:r cred/$n; done
setfacl -m u:1000:rx cred; setfacl -m u:1001:r cred/two; setfacl -m g:4000:r cred/grp; setfacl -m o::r cred/any
key cred/plain 440 0:1000
mkdir -m 755 secrets; for n in own swarm rw host; do key $n 600 1000:0; : > secrets/$n; done
chown 1001 own; chmod 644 own; chown 0 swarm; chmod 444 swarm; chmod 666 host; chown 1001 host rw; chmod 644 rw
for n in own swarm rw host; do mount --bind $n secrets/$n; done
for n in own swarm host; do mount -o remount,bind,ro secrets/$n; done
cp own secrets/copy; chown 1001 secrets/copy
mkdir g; chmod 775 g`;

let folder = "";

beforeAll(() => {
  if (WHY_NOT !== null) return;
  folder = mkdtempSync(join(tmpdir(), "lethe-platform-"));
  spawnSync("mount", ["-t", "tmpfs", "-o", "mode=755", "none", folder]);
  const { status, stderr } = spawnSync("sh", ["-c", SCRIPT, "sh", folder], { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
});
afterAll(() => {
  if (WHY_NOT !== null) return;
  spawnSync("umount", [
    ...["own", "swarm", "rw", "host"].map((name) => `${folder}/secrets/${name}`),
  ]);
  spawnSync("umount", [folder]);
  rmSync(folder, { recursive: true });
});

/** What user 1000 gets, in group 1000 and no other. */
const CASES: readonly (readonly [path: string, trust: string, answer: RegExp])[] = [
  ["k8s/key", "strict", /KEY_DIRECTORY: .*trust: "kubernetes"/],
  ["k8s/..data/key", "strict", /KEY_OWNER: .*trust: "kubernetes"/],
  ["k8s/key", "kubernetes", /^read, kubernetes$/],
  ["k8s/..data/key", "kubernetes", /^read/],
  ["k8s/..2026/key", "kubernetes", /^read/],
  ["k8s/key", "systemd", /KEY_DIRECTORY/],
  ["k8s/key", "compose", /KEY_DIRECTORY/],
  ["open/key", "kubernetes", /KEY_DIRECTORY: .*mode 0777/],
  ["lax/key", "kubernetes", /KEY_DIRECTORY: .*mode 2770/],
  ["world/key", "kubernetes", /KEY_MODE: .*0644.*; set defaultMode: 0440/],
  ["world/key", "strict", /it takes trust: "kubernetes".*where its mode.*set defaultMode: 0440/],
  ["closed/..data/key", "strict", /KEY_DENIED: .*\(EACCES\); Kubernetes lets it in by fsGroup/],
  [
    "closed/key",
    "strict",
    /KEY_IRREGULAR: .*where this user has no perm.*; Kubernetes lets it in by/,
  ],
  ["closed/key", "kubernetes", /KEY_DENIED: .*\(EACCES\); Kubernetes lets it in by fsGroup/],
  ["planted/key", "kubernetes", /KEY_IRREGULAR: .*link of user 1234/],
  ["crooked/host", "kubernetes", /KEY_IRREGULAR: .*kubelet makes/],
  ["crooked/up", "kubernetes", /KEY_IRREGULAR: .*kubelet makes/],
  ["group/key", "kubernetes", /KEY_MODE: Cannot read .*group 4000 may read it.*set fsGroup/],
  ["cred/k", "strict", /KEY_OWNER: .*; run as that user.*trust: "systemd"/],
  ["cred/k", "systemd", /^read, systemd$/],
  ["cred/any", "systemd", /KEY_MODE: .*mode is 0444/],
  ["cred/plain", "systemd", /KEY_MODE: .*0440.*LoadCredential/],
  ["cred/k", "compose", /KEY_OWNER: .*not a separate read-only mount/],
  ["secrets/own", "compose", /^read, compose$/],
  ["secrets/swarm", "compose", /^read/],
  ["secrets/swarm", "strict", /KEY_OWNER: .*trust: "compose"/],
  ["secrets/rw", "compose", /KEY_OWNER: .*user 1001 can change it/],
  ["secrets/copy", "compose", /KEY_OWNER: .*not a separate read-only mount/],
  ["secrets/host", "compose", /KEY_MODE: .*0666/],
];
/** What only FFI tells. */
const LISTS: typeof CASES = [
  ["cred/two", "systemd", /KEY_MODE: .*no access list names this user alone/],
  ["cred/grp", "systemd", /KEY_MODE/],
];

describe.skipIf(WHY_NOT !== null).each(Object.entries(EVERY_RUNTIME))(
  `${WHY_NOT === null ? "" : `NOT RUN, ${WHY_NOT}: `}secrets that a platform placed, on %s`,
  (name, command) => {
    const ask = (
      cases: readonly (readonly [string, string, ...unknown[]])[],
      around = {},
    ): readonly string[] => {
      const asked = cases.map(([path, trust]) => [
        path.startsWith("/") ? path : `${folder}/${path}`,
        trust,
      ]);
      const { stdout, stderr } = run([...command, program("trust_probe"), JSON.stringify(asked)], {
        uid: 1000,
        ...around,
      });
      expect(stderr).toBe("");
      const { answers, live } = JSON.parse(stdout) as { answers: readonly string[]; live: number };
      expect(live).toBe(0);
      return answers;
    };

    it("are read under the profile of that platform, and under no other", () => {
      const cases = name.startsWith("node") ? CASES : [...CASES, ...LISTS];
      const answers = ask(cases);
      const wrong = cases.filter(([, , expected], index) => !expected.test(answers[index] ?? ""));
      expect(wrong.map((one) => [...one, answers[cases.indexOf(one)]])).toEqual([]);
    });

    it("are read through a descriptor that the program was given", () => {
      const inherited = openSync(`${folder}/cred/k`, "r");
      try {
        const [strict, systemd, missing] = ask(
          [
            ["/dev/fd/3", "strict"],
            ["/proc/self/fd/3", "systemd"],
            ["/dev/fd/99", "strict"],
          ],
          { inherited },
        );
        expect(strict).toMatch(/KEY_OWNER.*trust: "systemd"/);
        expect(systemd).toBe("read, systemd");
        expect(missing).toMatch(/KEY_MISSING: .*no such descriptor.*\(EBADF\)/);
      } finally {
        closeSync(inherited);
      }
    });
  },
);
