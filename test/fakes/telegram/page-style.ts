/**
 * How the page looks: one sheet, light and dark, from 360 px.
 * Must not: load anything, or need a script.
 */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--paper:#dfe7ec;--sheet:#eef2f5;--bubble:#fff;--mine:#e2f7cf;--ink:#13181c;--quiet:#56626c;
--line:#c6d0d8;--link:#1768a6;--key:#cfdae3;--key-ink:#123a5a;--tint:#d9e9f6;--toast:#23303a;--toast-ink:#fff;--code:#eef1f4;--gone:#a3271c}
@media (prefers-color-scheme:dark){:root{--paper:#0d141a;--sheet:#131c24;--bubble:#1b2731;--mine:#204a3c;--ink:#e9eef2;
--quiet:#9dabb6;--line:#2d3a46;--link:#76b9ee;--key:#2a3a48;--key-ink:#d7e8f6;--tint:#20364a;--toast:#e8edf1;--toast-ink:#10171d;--code:#111a21;--gone:#ff9a8f}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.42 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
p,ol,ul,h1,h2,h3,blockquote,pre,figure{margin:0;padding:0}
a{color:var(--link)}
time{font-variant-numeric:tabular-nums;color:var(--quiet);white-space:nowrap}
small{font-size:.8em}
.page{max-width:46rem;margin:0 auto;padding:.75rem .75rem 4rem}
.top h1{font-size:1.25rem;line-height:1.25}
.top p{color:var(--quiet);font-size:.875rem;margin-top:.15rem}
nav{margin-top:.6rem}
nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:.35rem}
nav a{display:block;padding:.3rem .65rem;border-radius:1rem;background:var(--sheet);text-decoration:none;font-size:.875rem;overflow-wrap:anywhere}
nav small{color:var(--quiet)}
.thread{margin-top:1.5rem;border:1px solid var(--line);border-radius:.9rem;background:var(--sheet);padding-bottom:.75rem}
.thread>header{position:sticky;top:0;z-index:1;background:var(--sheet);border-bottom:1px solid var(--line);border-radius:.9rem .9rem 0 0;padding:.5rem .75rem}
.thread h2{font-size:1rem;line-height:1.3;overflow-wrap:anywhere}
.thread h2 .topic{color:var(--quiet);font-weight:600}
.thread>header p{color:var(--quiet);font-size:.8rem}
.pinbar{display:block;margin-top:.35rem;padding:.15rem .5rem;border-left:3px solid var(--link);background:var(--tint);border-radius:.3rem;font-size:.85rem;color:inherit;text-decoration:none;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.course{padding:.25rem .6rem 0}
.day,.line{text-align:center;font-size:.8rem;color:var(--quiet);margin:.5rem auto 0;max-width:34rem}
.day{margin-top:.9rem}
.day span{background:var(--key);color:var(--key-ink);padding:.1rem .6rem;border-radius:1rem;font-weight:600}
.message{display:grid;grid-template-columns:minmax(0,1fr);max-width:min(32rem,92%);margin-top:.55rem;scroll-margin-top:6rem}
.message.person{margin-left:auto}
.bubble{background:var(--bubble);border-radius:.9rem .9rem .9rem .25rem;padding:.4rem .65rem .3rem;box-shadow:0 1px 1px rgb(0 0 0/12%);overflow:hidden}
.person .bubble{background:var(--mine);border-radius:.9rem .9rem .25rem .9rem;justify-self:end;min-width:0;max-width:100%}
.message:target .bubble{outline:2px solid var(--link)}
.name{font-weight:600;font-size:.85rem;color:var(--link);overflow-wrap:anywhere}
.text{white-space:pre-wrap;overflow-wrap:anywhere}
.text code,.text pre{font:.9em/1.4 ui-monospace,"SF Mono",Menlo,Consolas,monospace;background:var(--code);border-radius:.25rem;padding:0 .2em}
.text pre{padding:.4rem .5rem;margin:.25rem 0;white-space:pre-wrap}
.text blockquote{border-left:3px solid var(--link);background:var(--tint);border-radius:.3rem;padding:.2rem .5rem;margin:.25rem 0}
.text blockquote.expandable::after{content:"⌄ folded in Telegram";display:block;font-size:.75rem;color:var(--quiet)}
.spoiler{background:var(--line);border-radius:.2rem}
.link{color:var(--link)}
.quiet{color:var(--quiet)}
.quote{display:block;border-left:3px solid var(--link);background:var(--tint);border-radius:.3rem;padding:.1rem .5rem;margin:.2rem 0;font-size:.85rem;color:inherit;text-decoration:none}
.quote b{display:block;color:var(--link)}
.quote span{display:block;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.photo{display:block;max-width:100%;height:auto;border-radius:.5rem;margin:.25rem 0}
.photo.missing{border:1px dashed var(--line);padding:.75rem;color:var(--quiet);font-size:.85rem}
.venue span,.venue small{display:block;color:var(--quiet)}
.bubble footer,.toast footer,.alert footer{display:flex;flex-wrap:wrap;justify-content:flex-end;gap:0 .5rem;font-size:.75rem;color:var(--quiet);margin-top:.15rem}
.number{color:var(--quiet);text-decoration:none;font-variant-numeric:tabular-nums}
.mark{white-space:nowrap}
.gone{color:var(--gone)}
.deleted .text{text-decoration:line-through}
.chips{display:flex;flex-wrap:wrap;gap:.25rem;margin-top:.25rem}
.chip{background:var(--tint);border-radius:1rem;padding:.05rem .5rem}
.chip small{color:var(--quiet)}
.keys{display:grid;gap:.25rem;margin-top:.25rem}
.row{display:grid;grid-auto-flow:column;grid-auto-columns:minmax(0,1fr);gap:.25rem}
.key{display:grid;align-content:center;background:var(--key);color:var(--key-ink);border-radius:.5rem;padding:.3rem .4rem;text-align:center;text-decoration:none;font-weight:600;font-size:.85rem;line-height:1.25;overflow-wrap:anywhere}
.key small{font-weight:400;font-size:.7rem;opacity:.85;font-family:ui-monospace,Menlo,Consolas,monospace;overflow:hidden;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3}
.versions{margin-top:.3rem;font-size:.875rem}
.versions summary{cursor:pointer;color:var(--link);padding:.1rem .25rem}
.versions ol{list-style:none;display:grid;gap:.5rem;margin-top:.3rem}
.versions li{border-left:3px solid var(--line);padding-left:.5rem}
.until{font-size:.75rem;color:var(--quiet)}
.act{display:flex;justify-content:flex-end;margin-top:.45rem;font-size:.85rem}
.act>span{background:var(--mine);border-radius:.75rem;padding:.25rem .6rem;max-width:92%;overflow-wrap:anywhere}
.act .key{display:inline-grid;padding:.05rem .45rem;vertical-align:middle;max-width:100%}
.toast,.alert{margin:.5rem auto 0;width:fit-content;max-width:min(26rem,92%);border-radius:.6rem;padding:.4rem .75rem;background:var(--toast);color:var(--toast-ink);white-space:pre-wrap;overflow-wrap:anywhere;font-size:.9rem}
.toast footer,.alert footer,.toast time,.alert time,.toast .number,.alert .number{color:inherit;opacity:.8}
.alert{border-radius:.9rem;padding:.75rem 1rem}
.ok{display:block;text-align:right;font-weight:700;margin-top:.35rem}
.result{background:var(--bubble);border-radius:.6rem;padding:.4rem .65rem;margin-top:.35rem;max-width:min(32rem,92%)}
.result .text{border-top:1px solid var(--line);margin-top:.3rem;padding-top:.3rem;font-size:.9rem}
.commands{margin-top:1.5rem;font-size:.9rem}
.commands summary{cursor:pointer;color:var(--link)}
.commands h3{font-size:.85rem;color:var(--quiet);margin-top:.6rem}
.commands dl{margin:.2rem 0 0;display:grid;grid-template-columns:max-content 1fr;gap:.1rem .75rem}
.commands dt{color:var(--link)}
.commands dd{margin:0;overflow-wrap:anywhere}
@media (min-width:72rem){.page.many{max-width:64rem;display:grid;grid-template-columns:15rem minmax(0,1fr);gap:0 1.5rem}
.page.many .top{grid-column:1;position:sticky;top:.75rem;align-self:start;max-height:calc(100vh - 1.5rem);overflow:auto}
.page.many nav ul{display:grid}.page.many main{grid-column:2}.page.many .thread:first-child{margin-top:0}}
@media print{body{background:#fff}.thread>header{position:static}}
`;
