import { chmodSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  CGROUP,
  hasFfi,
  LIMIT,
  MachineStage,
  missing,
  NOBODY,
  notRun,
  UNSHARE,
} from "../../../testing/features/custodian/machine_stage.ts";
import { INSTALLED, RUNTIMES, SOAK, WITHOUT_KOFFI } from "../../../testing/features/prompt/pty.ts";

const stage = new MachineStage();
const { run } = stage;
beforeAll(() => stage.prepare());
afterAll(() => stage.remove());

/** In a mount namespace in which the system's programs were changed. */
const changed = (script: string): readonly string[] => [
  ...UNSHARE,
  `U=$0; mkdir -p $U; mount -t tmpfs none $U; mkdir $U/u $U/w
mount -t overlay overlay -o lowerdir=/usr/bin,upperdir=$U/u,workdir=$U/w /usr/bin
${script}
exec "$@"`,
  join(stage.folder, "layer"),
];

const OLD_SETPRIV = `cd /usr/bin; mv setpriv setpriv.real; cat > setpriv <<'END'
#!/bin/sh
for one in "$@"; do
  [ "$one" = --pdeathsig ] && { echo "setpriv: unrecognized option" >&2; exit 1; }
done
exec /usr/bin/setpriv.real "$@"
END
chmod 755 setpriv; cd /`;

/** Which step is not done where, and the reason that the report gives, on runtimes without FFI. */
const NO_FFI = "and this runtime has no FFI to do it itself";
type Missing = Readonly<Record<string, string>>;
const HELPERS: readonly (readonly [machine: string, around: () => readonly string[], Missing])[] = [
  ["nothing missing", () => [], {}],
  [
    "an old setpriv",
    () => changed(OLD_SETPRIV),
    { "dies-with-parent": `setpriv(1): setpriv: unrecognized option, ${NO_FFI}` },
  ],
  [
    "no setpriv",
    () => changed("rm /usr/bin/setpriv"),
    {
      "no-new-privileges": `there is no setpriv in /usr/bin, /bin, /usr/sbin, /sbin, ${NO_FFI}`,
      "dies-with-parent": `there is no setpriv in /usr/bin, /bin, /usr/sbin, /sbin, ${NO_FFI}`,
    },
  ],
  [
    "no helper and no shell",
    () => changed("cd /usr/bin; rm -f setpriv prlimit sh dash bash env; cd /"),
    {
      "core-limit": `there is no prlimit in /usr/bin, /bin, /usr/sbin, /sbin, ${NO_FFI}`,
      "no-new-privileges": `there is no setpriv in /usr/bin, /bin, /usr/sbin, /sbin, ${NO_FFI}`,
      "dies-with-parent": `there is no setpriv in /usr/bin, /bin, /usr/sbin, /sbin, ${NO_FFI}`,
    },
  ],
  [
    "a setpriv that others may write to",
    () => changed("chmod 777 /usr/bin/setpriv"),
    {
      "no-new-privileges": `others than root can write to /usr/bin/setpriv, ${NO_FFI}`,
      "dies-with-parent": `others than root can write to /usr/bin/setpriv, ${NO_FFI}`,
    },
  ],
];

const CHOSEN = [...INSTALLED, ...Object.keys(WITHOUT_KOFFI)].filter(() => SOAK);

describe.skipIf(missing !== null || !SOAK).each(CHOSEN)(`${notRun}a custodian on %s`, (name) => {
  it.each(HELPERS)("with %s: opens, and says what is not done", (_, around, left) => {
    const { report, end, error } = run(name, around());
    expect([error, end]).toEqual([undefined, { code: 0, signal: null }]);
    const steps = ["core-limit", "no-new-privileges", "dies-with-parent"] as const;
    for (const step of steps) {
      const { outcome, evidence } = report?.hardening[step] ?? {};
      const reason = hasFfi(name) ? undefined : left[step];
      expect([step, outcome]).toEqual([step, reason === undefined ? "done" : "not-done"]);
      if (reason !== undefined) expect(evidence).toBe(reason);
    }
  });

  it("where prctl(2) is refused: opens, and says with which code", () => {
    const { report, end } = run(name, [join(stage.folder, "deny"), "refuse", "157", "--"]);
    expect(end).toEqual({ code: 0, signal: null });
    const { "dies-with-parent": parent, "not-dumpable": dumps } = report?.hardening ?? {};
    expect([parent?.outcome, dumps?.outcome]).toEqual(["not-done", "not-done"]);
    const said = hasFfi(name)
      ? /errno 1 EPERM/
      : /Operation not permitted, and this runtime has no/;
    expect(parent?.evidence).toMatch(said);
  });

  // Deno itself does not start there.
  it.skipIf(name === "deno")(
    "where socketpair(2) is refused: names the code, and the filter",
    () => {
      const filter = [join(stage.folder, "deny"), "refuse", "53", "--"];
      const { code, message = "" } = run(name, filter).error ?? {};
      expect(code).toBe("ERR_LETHE_CUSTODIAN");
      expect(message).toMatch(
        /could not be executed \(EPERM\); a filter of system calls \(seccomp\) is/,
      );
    },
  );

  it("without /dev: opens, or says that /dev/null is not there", () => {
    const { end, error } = run(name, [...UNSHARE, 'mount -t tmpfs none /dev; exec "$@"', "x"]);
    if (name === "bun") expect(end).toEqual({ code: 0, signal: null });
    else expect(error?.message).toMatch(/\(ENOENT\); there is no \/dev\/null, .*: mount \/dev$/);
  });

  it("without lockable memory: opens, and names the limit", () => {
    const { report, error } = run(name, ["/usr/bin/prlimit", "--memlock=0:0", ...NOBODY]);
    expect(error).toBe(undefined);
    const { key, evidence } = report?.atRest ?? {};
    expect(evidence).toMatch(
      key === "guarded memory"
        ? /this process has none/
        : /not locked: it has the flag dd and not lo in smaps; RLIMIT_MEMLOCK is 0 bytes/,
    );
  });

  it("in a root that cannot be written to, with no temporary folder: opens", () => {
    const script = `mount --bind / $0 && mount -o remount,bind,ro $0 && mount --rbind /proc $0/proc &&
      mount --rbind /dev $0/dev && exec /usr/sbin/chroot $0 "$@"`;
    const root = join(stage.folder, "root");
    mkdirSync(root, { recursive: true });
    const { end, error } = run(name, [...UNSHARE, script, root]);
    expect([error, end]).toEqual([undefined, { code: 0, signal: null }]);
  });

  it.each([
    ["--nproc=1:1", "EAGAIN"],
    ["--nofile=10:10", "EMFILE"],
  ])("with a limit of %s: opens, or names the code", async (limit, code) => {
    const result = await stage.limited(name, limit);
    if (result.error === undefined) return expect(result.end).toMatchObject({ code: 0 });
    expect(result.error.code).toBe("ERR_LETHE_CUSTODIAN");
    expect(result.error.message).toContain(`could not be executed (${code}); `);
  });
});

describe.skipIf(missing !== null || !SOAK)(`${notRun}a custodian on Node.js`, () => {
  it("without /proc: opens, and says what nobody sees", () => {
    const around = [...UNSHARE, 'mount -t tmpfs none /proc && exec "$@"', "sh"];
    for (const name of CHOSEN.filter((one) => one.startsWith("node"))) {
      const { report, end } = run(name, around);
      expect(end).toEqual({ code: 0, signal: null });
      expect(report?.hardening["core-limit"]).toMatchObject({ outcome: "done", verified: false });
      expect(report?.atRest.evidence).toMatch(/smaps cannot be read \(ENOENT\)$/);
    }
  });

  it("that a signal ends: gives the reasons that were checked, and no other", () => {
    const killed = (signal: string, around: readonly string[] = []): string => {
      const runtime = join(stage.folder, "runtime");
      const body = `[ "$1" = --version ] && exec echo v24.0.0\nkill -${signal} $$\n`;
      writeFileSync(runtime, `#!/bin/sh\n${body}`);
      chmodSync(runtime, 0o755);
      return run("node-24", around, { runtime }).error?.message ?? "";
    };
    const filter = [join(stage.folder, "deny"), "refuse", "999", "--"];
    const said = `Cannot start custodian: ${stage.folder}/runtime ended before it answered`;
    expect(killed("SYS")).toBe(`${said} (SIGSYS) and said nothing`);
    expect(killed("SYS", filter)).toMatch(/\(SIGSYS\) and said nothing; a filter of system calls/);
    expect(killed("KILL", filter)).toBe(`${said} (SIGKILL) and said nothing`);
  });

  it.skipIf(CGROUP === null)(
    `${CGROUP === null ? "NOT RUN, it takes a cgroup of memory: " : ""}that the kernel ends for want of memory: says so`,
    () => {
      const group = join(CGROUP ?? "", `lethe-${process.pid}`);
      mkdirSync(group);
      try {
        writeFileSync(join(group, LIMIT), "12000000");
        const runtime = join(stage.folder, "large");
        const [node = ""] = RUNTIMES["node-24"] ?? [];
        const script = `#!/bin/sh
[ "$1" = --version ] && exec echo v24.0.0
echo $$ > ${group}/cgroup.procs
exec ${node} "$@"
`;
        writeFileSync(runtime, script);
        chmodSync(runtime, 0o755);
        const { error } = run("node-24", [], { runtime });
        expect(error?.message).toMatch(
          /\(SIGKILL\) and said nothing; .*oom_kill in \/proc\/vmstat/,
        );
      } finally {
        rmdirSync(group);
      }
    },
  );

  it("whose runtime finds its libraries by LD_LIBRARY_PATH alone: says so, and takes it by name", () => {
    const libraries = join(stage.folder, "libraries");
    mkdirSync(libraries);
    writeFileSync(join(stage.folder, "empty"), "");
    const script = `cp -L /lib/x86_64-linux-gnu/libstdc++.so.6 $0/libraries/ &&
      mount --bind $0/empty $(realpath /lib/x86_64-linux-gnu/libstdc++.so.6) &&
      LD_LIBRARY_PATH=$0/libraries exec "$@"`;
    const around = [...UNSHARE, script, stage.folder];
    const { error } = run("node-24", around);
    expect(error?.message).toMatch(
      /\(status 127\) and said: .*error while loading shared libraries/,
    );
    expect(error?.message).toContain("name its folders with the option libraryPath");
    expect(run("node-24", around, { libraryPath: libraries }).end).toEqual({
      code: 0,
      signal: null,
    });
  });
});
