import { describe, expect, it } from "vitest";
import { type Condition, readConditions } from "./environment.ts";

const STATUS = (uid: number, capabilities: string): string =>
  `Name:\tnode\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nCapEff:\t${capabilities}\nSeccomp:\t0\n`;
const LIMITS = (lock: string, core: string): string =>
  `Max core file size        ${core}                    unlimited            bytes\nMax locked memory         ${lock}                65536                bytes\n`;

const HARDENED: Readonly<Record<string, string>> = {
  "/proc/self/limits": LIMITS("8388608", "0"),
  "/proc/self/status": STATUS(1000, "0000000000000000"),
  "/proc/sys/kernel/core_pattern": "core",
  "/proc/sys/kernel/yama/ptrace_scope": "1",
  "/proc/swaps": "Filename Type Size Used Priority",
  "/sys/power/state": "freeze mem",
};

function verdicts(
  files: Readonly<Record<string, string | null>>,
  environment: NodeJS.ProcessEnv = {},
): Readonly<Record<string, Condition["verdict"]>> {
  const system = { ...HARDENED, ...files };
  const conditions = readConditions((path) => system[path] ?? null, environment);
  return Object.fromEntries(conditions.map(({ name, verdict }) => [name, verdict]));
}

describe("readConditions", () => {
  it("finds nothing weak on a hardened machine", () => {
    expect(new Set(Object.values(verdicts({})))).toEqual(new Set(["good"]));
  });

  it.each([
    ["lockable memory", { "/proc/self/limits": LIMITS("65536", "0") }],
    ["core dumps", { "/proc/self/limits": LIMITS("8388608", "unlimited") }],
    ["core dumps", { "/proc/sys/kernel/core_pattern": "|/usr/lib/handler %p" }],
    ["debuggers", { "/proc/sys/kernel/yama/ptrace_scope": "0" }],
    ["debuggers", { "/proc/sys/kernel/yama/ptrace_scope": null }],
    ["swap", { "/proc/swaps": "Filename Type\n/dev/sda2 partition" }],
    ["hibernation", { "/sys/power/state": "freeze mem disk" }],
    ["privileges", { "/proc/self/status": STATUS(0, "000001ffffffffff") }],
  ])("calls %s weak for %o", (name, files) => {
    expect(verdicts(files)[name]).toBe("weak");
  });

  it.each(["--inspect=0.0.0.0:9229", "--heapsnapshot-signal=SIGUSR2", "--report-on-signal"])(
    "calls the inspector weak for NODE_OPTIONS=%s",
    (option) => {
      expect(verdicts({}, { NODE_OPTIONS: option })["inspector"]).toBe("weak");
    },
  );

  it("takes a small limit for enough when CAP_IPC_LOCK lifts it", () => {
    const files = {
      "/proc/self/limits": LIMITS("65536", "0"),
      "/proc/self/status": STATUS(1000, "0000000000004000"),
    };
    expect(verdicts(files)["lockable memory"]).toBe("good");
  });

  it("says unknown, not good, where nothing can be read", () => {
    const nothing = Object.fromEntries(Object.keys(HARDENED).map((path) => [path, null]));
    const found = verdicts(nothing);
    for (const name of ["lockable memory", "core dumps", "swap", "privileges"]) {
      expect(found[name]).toBe("unknown");
    }
  });

  it("gives each weak spot a meaning and a remedy", () => {
    const weak = readConditions(() => null, { NODE_OPTIONS: "--inspect" }).filter(
      ({ verdict }) => verdict === "weak",
    );
    expect(weak.length).toBeGreaterThan(0);
    for (const { meaning, remedy } of weak) expect([meaning, remedy]).not.toContain("");
  });
});
