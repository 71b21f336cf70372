import { describe, expect, it } from "vitest";
import { ERRNO_NAMES, LINUX } from "../../system/constants.ts";
import { STATX } from "../../system/statx.ts";
import { SYSTEM_CALLS, type SystemCall, systemCallNumber } from "../../system/system_calls.ts";
import { SOAK } from "../tier.ts";
import { compareWith, HEADERS, missing } from "./c_headers.ts";
import { sourceNumbers } from "./source_numbers.ts";

describe.skipIf(!SOAK).each(HEADERS)("the headers of $name", (headers) => {
  const why = missing(headers);
  const not = why === "" ? "" : `NOT RUN, ${why}: `;

  it.skipIf(why !== "")(`${not}have every constant of the sources that has a name of C`, () => {
    const byName = Map.groupBy(sourceNumbers(headers.architecture), ({ name }) => name);
    // Two files may say the same, and not two values.
    for (let round = 0; [...byName.values()].some((those) => those.length > round); round++) {
      const values = [...byName].flatMap(([name, those]) =>
        those.slice(round, round + 1).map(({ value }) => [name, value] as const),
      );
      const { equal, different } = compareWith(headers, new Map(values));
      expect(different.filter((name) => !COINCIDENCE.includes(name))).toEqual([]);
      if (round === 0) expect(equal.length).toBeGreaterThan(85);
    }
  });

  it.skipIf(why !== "")(`${not}have the constants of memory, and the names of errors`, () => {
    const { different, unknown } = compareWith(headers, new Map(Object.entries(named(LINUX))));
    expect([different, unknown]).toEqual([[], []]);
    const errors = Object.entries(ERRNO_NAMES).filter(([number]) => !MACOS.includes(number));
    const numbers = new Map(errors.map(([number, name]) => [name, Number(number)]));
    expect(numbers.size).toBe(errors.length);
    expect(compareWith(headers, numbers).equal).toEqual([...numbers.keys()]);
  });

  it.skipIf(why !== "")(`${not}have the numbers of system calls`, () => {
    const names = Object.keys(SYSTEM_CALLS) as readonly SystemCall[];
    const numbers = names.map((name): readonly [string, number] => [
      `SYS_${name}`,
      systemCallNumber(name, headers.architecture) ?? -1,
    ]);
    const { different, unknown } = compareWith(headers, new Map(numbers));
    expect(different).toEqual([]);
    // musl 1.2.3 is older than Linux 5.14.
    expect(unknown.filter((name) => name !== "SYS_memfd_secret")).toEqual([]);
  });

  it.skipIf(why !== "")(`${not}lay structures out as the sources read them`, () => {
    const hasStatx = !headers.name.includes("musl");
    const fields = hasStatx ? Object.entries(STATX) : [];
    const bit = sourceNumbers(headers.architecture).find(({ name }) => name === "TMPFILE_BIT");
    const layout = new Map<string, number | bigint>([
      ["O_TMPFILE ^ O_DIRECTORY", bit?.value ?? 0],
      ...fields.map(([field, at]) => [`offsetof(struct statx, ${field})`, at] as const),
      ...(hasStatx ? ([["sizeof(struct statx)", 256]] as const) : []),
      ["offsetof(struct termios, c_iflag)", 0],
      ["offsetof(struct termios, c_lflag)", 12],
      ["offsetof(struct termios, c_cc)", 17],
      ["sizeof(struct termios) <= 64", 1],
      ["sizeof(sigset_t)", 128],
      ["offsetof(struct sigaction, sa_handler)", 0],
      ["sizeof(struct sigaction) <= 256", 1],
      ["sizeof(struct rlimit)", 16],
      ["sizeof(struct pollfd)", 8],
      ["offsetof(struct pollfd, events)", 4],
      ["sizeof(struct ucred)", 12],
      ["offsetof(struct ucred, uid)", 4],
    ]);
    expect(compareWith(headers, layout).different).toEqual([]);
  });
});

/** Names of the sources that mean something else in C: the type of ASN.1. */
const COINCIDENCE: readonly string[] = ["NULL"];
/** Numbers that Linux has for nothing, or for something else. */
const MACOS: readonly string[] = ["35", "78"];

function named(constants: typeof LINUX): Readonly<Record<string, number>> {
  const { SC_PAGESIZE, ...others } = constants;
  return { ...others, _SC_PAGESIZE: SC_PAGESIZE };
}
