import { styleText } from "node:util";
import { complain, isTerminal, settle, wantsColours, working } from "./output.ts";

/** The few styles that the command line uses. Plain text where colours are not wanted. */
export interface Palette {
  strong(text: string): string;
  faint(text: string): string;
  good(text: string): string;
  warn(text: string): string;
  bad(text: string): string;
}

/** Colours for standard output, where that gets any. */
export function palette(): Palette {
  const coloured = wantsColours();
  const style =
    (format: Parameters<typeof styleText>[0]) =>
    (text: string): string =>
      coloured ? styleText(format, text, { validateStream: false }) : text;
  return {
    strong: style("bold"),
    faint: style("dim"),
    good: style("green"),
    warn: style("yellow"),
    bad: style("red"),
  };
}

/** Tells on standard error what is being done: one line that is rewritten, or a line each. */
export class Progress {
  say(text: string): void {
    if (isTerminal(2)) working(text);
    else complain(`${text}\n`);
  }

  clear(): void {
    settle();
  }
}

/** Columns of the terminal, or a width that suits a log. */
export function outputWidth(): number {
  const columns = isTerminal(1) ? process.stdout.columns : 100;
  return Math.min(Math.max(columns, 60), 140);
}

/** Breaks a text at spaces into lines of at most `width` characters; a longer word stands alone. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
