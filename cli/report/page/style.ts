/** The page's looks: one column, light and dark, nothing from elsewhere. */
export const STYLE = `
:root { color-scheme: light dark;
  --ground: light-dark(#fbfaf8, #14161a); --panel: light-dark(#fff, #1c1f25);
  --ink: light-dark(#1d2126, #e7e5e0); --faint: light-dark(#666c75, #969ca6);
  --line: light-dark(#e4e1da, #2d323a); --good: light-dark(#12724d, #58c79a);
  --bad: light-dark(#b3261e, #ff7a70); --warn: light-dark(#8a5a00, #e5b04d);
  --live: light-dark(#0a63c9, #6cb0ff); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 5rem; background: var(--ground);
  color: var(--ink); font: 16px/1.55 system-ui, sans-serif; }
h1 { font-size: 2.1rem; letter-spacing: -.02em; margin: 0; }
h2 { font-size: 1.35rem; margin: 3rem 0 .5rem; letter-spacing: -.01em; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .4rem 0; max-width: 46rem; }
.faint { color: var(--faint); font-size: .86rem; overflow-wrap: anywhere; }
.figures { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0 0; padding: 0; list-style: none; }
.figures li { flex: 1 1 9rem; background: var(--panel); border: 1px solid var(--line);
  border-radius: .75rem; padding: .8rem 1rem; font-size: .86rem; color: var(--faint); }
.figures b { display: block; font-size: 1.8rem; line-height: 1.15; color: var(--ink);
  font-variant-numeric: tabular-nums; }
.figures b.good, .number.good { color: var(--good); } .figures b.bad { color: var(--bad); }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1rem; font-size: .82rem; color: var(--faint);
  max-width: none; margin: .8rem 0; }
.legend span { display: inline-flex; align-items: center; gap: .4rem; }
.legend i:not(.cell) { width: .9rem; height: .9rem; border-radius: .2rem; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 1rem; }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: .75rem;
  padding: 1rem; min-width: 0; }
.card header { display: flex; justify-content: space-between; gap: 1rem; align-items: baseline; }
.card code { display: block; font: .76rem/1.5 ui-monospace, monospace; color: var(--faint);
  margin: .35rem 0 .7rem; overflow-wrap: anywhere; }
.badge { font-size: .8rem; white-space: nowrap; border-radius: 1rem; padding: .1rem .65rem;
  border: 1px solid currentColor; }
.badge.good { color: var(--good); } .badge.bad { color: var(--bad); }
.moment { display: grid; grid-template-columns: 4.2rem minmax(0, 1fr) 3.2rem; gap: .2rem .6rem;
  align-items: center; font-size: .8rem; color: var(--faint); margin: .25rem 0; }
.moment .number { text-align: right; font-variant-numeric: tabular-nums; color: var(--ink); }
.strip { display: block; width: 100%; height: 1.5rem; }
.code { fill: light-dark(#d6dbe4, #343b47); background: light-dark(#d6dbe4, #343b47); }
.file { fill: light-dark(#e6e8ec, #2a2f38); background: light-dark(#e6e8ec, #2a2f38); }
.heap { fill: light-dark(#cfe3d6, #2c4a3b); background: light-dark(#cfe3d6, #2c4a3b); }
.anonymous { fill: light-dark(#e2ddd0, #3d3a31); background: light-dark(#e2ddd0, #3d3a31); }
.stack { fill: light-dark(#dcd0e6, #43364f); background: light-dark(#dcd0e6, #43364f); }
.closed { fill: light-dark(#f3f2ee, #1f2329); background: light-dark(#f3f2ee, #1f2329);
  outline: 1px solid var(--line); outline-offset: -1px; }
.hidden { fill: light-dark(#6d4bc1, #9d80f0); background: light-dark(#6d4bc1, #9d80f0); }
.copy { fill: var(--bad); background: var(--bad); } .copy.live { fill: var(--live); background: var(--live); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .75rem; background: var(--panel); }
.matrix { border-collapse: collapse; font-size: .84rem; width: 100%; }
.matrix thead th { height: 9.5rem; vertical-align: bottom; padding: 0 0 .5rem; min-width: 2.1rem;
  font-weight: 500; }
.matrix thead span { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; }
.matrix tbody th { text-align: left; font-weight: 400; padding: .3rem .8rem; position: sticky; left: 0;
  background: var(--panel); min-width: 16rem; z-index: 1; border-right: 1px solid var(--line); }
.matrix tbody th b { display: inline-block; min-width: 2rem; }
.matrix tbody tr { border-top: 1px solid var(--line); }
.matrix td { text-align: center; padding: 0; }
.cell { font: inherit; font-style: normal; border: 0; background: none; min-width: 2.1rem; min-height: 2rem;
  cursor: pointer; color: var(--faint); border-radius: .4rem; }
i.cell { min-width: 0; min-height: 0; cursor: default; }
.cell.passed { color: var(--good); } .cell.failed { color: var(--bad); font-weight: 700; }
.cell.notrun { color: var(--warn); }
button.cell:hover, button.cell:focus-visible { background: var(--line); outline: none; }
[popover] { max-width: min(38rem, 92vw); max-height: 80vh; overflow: auto; border: 1px solid var(--line);
  border-radius: .75rem; padding: 1rem 1.2rem; background: var(--panel); color: var(--ink);
  font-size: .86rem; text-align: left; box-shadow: 0 .8rem 3rem #0006; overflow-wrap: anywhere; }
[popover]::backdrop { background: #0003; }
.plain { border-collapse: collapse; font-size: .86rem; width: 100%; }
.plain td { overflow-wrap: anywhere; }
.plain td, .plain th { text-align: left; vertical-align: top; padding: .35rem .8rem; border-top: 1px solid var(--line); }
.plain .weak { color: var(--warn); } .plain .good { color: var(--good); }
@media (max-width: 40rem) { .matrix tbody th { min-width: 8.5rem; max-width: 8.5rem; padding: .3rem .5rem; }
  .matrix tbody th span { display: none; } .matrix tbody th { min-width: 3rem; }
  h1 { font-size: 1.7rem; } .moment { grid-template-columns: 3.9rem minmax(0, 1fr) 2.8rem; gap: .2rem .4rem; } }
`;
