import { expect, it } from "vitest";
import { mountOf } from "./mounts.ts";
import { octal } from "./octal.ts";
import type { Task } from "./task.ts";

/** A task whose descriptor 7 says this of itself. */
function task(
  path: string,
  lines: readonly string[],
  info: string = "pos:\t0\nmnt_id:\t12\nino:\t5\n",
): Task {
  const texts: Readonly<Record<string, string>> = {
    "/proc/self/fdinfo/7": info,
    "/proc/self/mountinfo": lines.join("\n"),
  };
  const calls = {
    readSystemText(name: string): string {
      const text = texts[name];
      if (text === undefined) throw Object.assign(new Error("no"), { code: "ENOENT" });
      return text;
    },
    readSystemLink: (name: string): string => (name === "/proc/self/fd/7" ? path : "elsewhere"),
  };
  const refuse = (code: string, why: string): never => {
    throw Object.assign(new Error(why), { code });
  };
  return { calls, refuse } as unknown as Task;
}

const line = (id: number, point: string, options: string): string =>
  `${id} 1 0:5 / ${point} ${options} shared:1 - tmpfs tmpfs ro,size=1k`;

it("a file that is a mount of its own is known by its number and place", () => {
  const others = [line(1, "/", "rw"), line(112, "/run/key", "ro"), line(121, "/run/key", "ro")];
  const mounted = (options: string) => [...others, line(12, "/run/key", options), ""];
  expect(mountOf(task("/run/key", mounted("ro,nosuid")), 7)).toEqual({ readOnly: true });
  expect(mountOf(task("/run/key", mounted("nosuid,ro")), 7)).toEqual({ readOnly: true });
  expect(mountOf(task("/run/key", mounted("rw,errors=remount-ro")), 7)).toEqual({
    readOnly: false,
  });
  expect(mountOf(task("/run/other", mounted("ro")), 7)).toBe(null);
  expect(mountOf(task("/run/key", others), 7)).toBe(null);
  expect(mountOf(task("/run/key", mounted("ro"), "pos:\t0\n"), 7)).toBe(null);
  expect(mountOf(task("/run/key", ["12 1"]), 7)).toBe(null);
  expect(mountOf(task("", ["12 1 0:5 /"]), 7)).toEqual({ readOnly: false });
});

it("the place of a mount may have spaces and backslashes", () => {
  const lines = [line(12, "/run/my\\040key\\134\\011", "ro")];
  expect(mountOf(task("/run/my key\\\t", lines), 7)).toEqual({ readOnly: true });
});

it("without /proc nothing is known, and the error says so", () => {
  expect(() => mountOf(task("/run/key", []), 8)).toThrow(
    expect.objectContaining({
      code: "ERR_LETHE_KEY_DENIED",
      message:
        "/proc does not tell whether it is a separate mount; mount /proc in the container (ENOENT)",
    }),
  );
});

it("permission bits are four octal digits", () => {
  expect([0, 0o7, 0o600, 0o4755].map(octal)).toEqual(["0000", "0007", "0600", "4755"]);
});
