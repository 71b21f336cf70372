import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { INSTALLED, RUNTIMES } from "../testing/features/prompt/pty.ts";
import { SOAK } from "../testing/tier.ts";
import { findSystemProgram, runSystemProgram } from "./system_program.ts";

const MODULE = fileURLToPath(new URL("./system_program.ts", import.meta.url));
const runtimes = INSTALLED.filter((name) => SOAK || name === "node-24" || name === "deno");
/** Mounts of its own need root, and unshare(1) and mount(8) to make them. */
const WHY_NOT =
  process.platform !== "linux"
    ? "mounts are made on Linux only"
    : spawnSync("unshare", ["-m", "true"]).status === 0
      ? null
      : "unshare -m is not allowed here";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lethe-programs-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe.skipIf(process.platform === "win32")("a program of the system", () => {
  it.each(runtimes)("is not looked for on PATH, and gets no environment, on %s", (name) => {
    const planted = join(folder, "env");
    writeFileSync(planted, `#!/bin/sh\necho planted > ${folder}/log\n`);
    chmodSync(planted, 0o755);
    const program = join(folder, "run.mjs");
    writeFileSync(
      program,
      `import { runSystemProgram } from ${JSON.stringify(MODULE)};
       console.log(JSON.stringify([runSystemProgram("env", []), runSystemProgram("pwd", [])]));`,
    );
    const [file = "", ...parameters] = RUNTIMES[name] ?? [];
    const { stdout } = spawnSync(file, [...parameters, program], {
      encoding: "utf8",
      cwd: folder,
      env: { PATH: folder, LD_LIBRARY_PATH: folder, HOME: folder, NODE_NO_WARNINGS: "1" },
    });
    const result = (output: string): object => ({ status: 0, output, reason: "" });
    expect(JSON.parse(stdout)).toEqual([result(""), result("/\n")]);
    expect(() => readFileSync(join(folder, "log"))).toThrow("ENOENT");
  });

  it("gives its status and last complaint, and says why it is not there", () => {
    expect(runSystemProgram("ls", ["/there/is/none"])).toMatchObject({
      status: 2,
      output: "",
      reason: expect.stringContaining("/there/is/none"),
    });
    const reason = "there is no lethe-none in /usr/bin, /bin, /usr/sbin, /sbin";
    expect(findSystemProgram("lethe-none")).toEqual({ path: null, reason });
    expect(runSystemProgram("lethe-none", [])).toEqual({ status: null, output: "", reason });
  });
});

describe.skipIf(WHY_NOT !== null)(
  `${WHY_NOT === null ? "" : `NOT RUN, ${WHY_NOT}: `}a program in the system's folders`,
  () => {
    // An empty folder stands in for /usr/sbin: its mount is seen by the child alone.
    const script = `
      set -e
      mount -t tmpfs -o mode=755 none /usr/sbin; cd /usr/sbin
      printf '#!/bin/sh\\n' > real; chmod 755 real; mkdir open; cp -p real open; chmod 1777 open
      for n in group others owner plain; do cp -p real $n; done
      chmod 775 group; chmod 757 others; chown 65534 owner; chmod 644 plain; mkdir folder
      ln -s real near; ln -s ../sbin/./near far; ln -s open/real outside; ln -s loop loop
      ln -s /tmp/none user; ln -s /usr/sbin/none dangling; chown -h 65534 near
      exec "$0" --no-warnings --input-type=module -e "$1"`;

    it("is one that only root can change, links and folders on the way included", () => {
      const names = "real near far group others owner plain folder outside loop dangling user";
      const program = `
        import { findSystemProgram } from ${JSON.stringify(MODULE)};
        const found = ${JSON.stringify(names.split(" "))}.map((name) => [name, findSystemProgram(name)]);
        console.log(JSON.stringify(Object.fromEntries(found)));`;
      const words = ["-m", "sh", "-c", script, process.execPath, program];
      const { stdout, stderr } = spawnSync("unshare", words, { encoding: "utf8" });
      expect(stderr).toBe("");
      const not = (reason: string): object => ({ path: null, reason });
      expect(JSON.parse(stdout)).toEqual({
        real: { path: "/usr/sbin/real" },
        near: { path: "/usr/sbin/near" },
        far: { path: "/usr/sbin/far" },
        group: not("others than root can write to /usr/sbin/group"),
        others: not("others than root can write to /usr/sbin/others"),
        owner: not("/usr/sbin/owner does not belong to root"),
        plain: not("/usr/sbin/plain is not a program"),
        folder: not("/usr/sbin/folder is not a program"),
        outside: not("others than root can write to /usr/sbin/open"),
        loop: not("/usr/sbin/loop has too many links"),
        dangling: not("there is no dangling in /usr/bin, /bin, /usr/sbin, /sbin"),
        user: not("others than root can write to /tmp"),
      });
    });
  },
);
