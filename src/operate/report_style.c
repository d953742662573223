/*
 * report_style.c
 *	  The style sheet of the report's html.
 *
 * Light and dark by prefers-color-scheme; one column on a phone; on paper always
 * light, and what is folded is open.  Colour is for what needs a look (.bad, .warn)
 * and for the series of the chart; all of it has a contrast of 4.5 to its ground where
 * it is text, and 3 where it is drawn.  Numbers are tabular, so that columns align.
 */
#include "postgres.h"

#include "operate/report.h"

#define LIGHT                                                                                      \
	"--paper:#fbfaf8;--card:#fff;--ink:#1b1f24;--dim:#5c6370;--line:#e4e1db;"                      \
	"--accent:#1c5d99;--ok:#1a7048;--warn:#8a5800;--bad:#b3261e;--badpaper:#fbeeec;"               \
	"--s0:#1c5d99;--s1:#e09f3e;--s2:#2a9d8f;--s3:#9b5094;--s4:#c8553d;--s5:#6a994e;--s6:#9aa0a6;"

#define DARK                                                                                       \
	"--paper:#14171b;--card:#1b1f25;--ink:#e7e5e0;--dim:#a2a8b1;--line:#2d323a;"                   \
	"--accent:#7fb3e6;--ok:#5cc293;--warn:#e2b04f;--bad:#ff8f85;--badpaper:#2b1f20;"               \
	"--s0:#6ea5da;--s1:#e8b464;--s2:#4fbfb0;--s3:#c384bb;--s4:#e2826c;--s5:#93bf78;--s6:#7c838c;"

const char report_style[] =
	/* clang-format off */
	":root{color-scheme:light dark;" LIGHT "}"
	"@media(prefers-color-scheme:dark){:root{" DARK "}}"
	"*{box-sizing:border-box}"
	"html{-webkit-text-size-adjust:100%;text-size-adjust:100%}"
	"body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 -apple-system,"
	"'Segoe UI',Roboto,'Helvetica Neue',Inter,Lato,'Noto Sans','Liberation Sans',Arial,"
	"system-ui,sans-serif;font-variant-numeric:tabular-nums}"
	"main{max-width:1120px;margin:0 auto;padding:40px 24px 64px}"

	/* the head */
	"header{border-bottom:2px solid var(--ink);padding-bottom:14px}"
	".brand{margin:0;font-size:.8rem;font-weight:600;letter-spacing:.08em;color:var(--accent)}"
	"h1{margin:2px 0 4px;font-size:2.1rem;line-height:1.15;letter-spacing:-.01em;"
	"overflow-wrap:anywhere}"
	".dim{color:var(--dim)}header p{margin:0}"
	".verdict{font-size:1.2rem;line-height:1.4;margin:20px 0 0;max-width:48em}"
	".verdict:before{content:'';display:inline-block;width:.6em;height:.6em;border-radius:50%;"
	"background:currentColor;margin-right:.5em}"
	".cards{display:grid;gap:0 32px;margin:20px 0 8px;"
	"grid-template-columns:repeat(auto-fit,minmax(200px,1fr))}"
	".card{border-top:1px solid var(--line);padding:12px 0 14px}"
	".card b{display:block;font-size:1.75rem;line-height:1.2;font-weight:600;"
	"letter-spacing:-.01em;white-space:nowrap}"
	".card .label{display:block;font-size:.85rem;color:var(--dim)}"
	".card .more{font-size:.9rem}"

	/* sections and tables */
	"section{margin:40px 0 0}"
	"h2{margin:0 0 12px;font-size:1.15rem;line-height:1.3}"
	"h2 small{font-weight:400;font-size:.9rem;color:var(--dim);margin-left:.6em}"
	".pair{display:grid;gap:0 48px;grid-template-columns:repeat(auto-fit,minmax(420px,1fr))}"
	".pair section{min-width:0}"
	".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.93rem}"
	"th,td{text-align:left;padding:7px 20px 7px 0;vertical-align:top;overflow-wrap:anywhere;"
	"border-bottom:1px solid var(--line)}"
	"th:last-child,td:last-child{padding-right:0}"
	"th{font-weight:500;font-size:.8rem;color:var(--dim);border-bottom-color:var(--dim);"
	"white-space:nowrap;vertical-align:bottom}"
	".k{min-width:8em}"
	".n,.t{white-space:nowrap;overflow-wrap:normal}.n{text-align:right}"
	"td.z{color:var(--dim)}"
	".text{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:3;overflow:hidden}"
	".none{color:var(--dim)}"
	".stack td:last-child.k{width:40%}.stack .k.minor{min-width:4.5em}"
	".stack td:nth-last-child(n+2).k:not(.minor){min-width:13em;max-width:22em}"
	"td .ok,td .bad,td .warn,td .dim{white-space:nowrap}"
	"td .bad,td .warn{font-weight:600}"
	"td .ok:before,td .bad:before,td .warn:before,td .dim:before{content:'';"
	"display:inline-block;width:.5em;height:.5em;border-radius:50%;background:currentColor;"
	"margin-right:.45em;vertical-align:.08em}"
	"td .bad:before{border-radius:0}"
	".ok{color:var(--ok)}.bad{color:var(--bad)}.warn{color:var(--warn)}"
	".alarm{background:var(--badpaper);border-left:4px solid var(--bad);"
	"padding:16px 20px 8px;border-radius:0 6px 6px 0}"
	".alarm tr:last-child td{border-bottom:0}"
	".meter{position:relative;padding-left:20px}"
	".meter i{position:absolute;right:0;top:calc(1.5em + 8px);height:3px;border-radius:2px;"
	"background:var(--accent);opacity:.55}"
	"td.meter:not(:last-child) i{right:20px}"
	"details{margin:12px 0 0}summary{cursor:pointer;color:var(--accent);font-size:.93rem;"
	"padding:4px 0}summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}"
	".rows{table-layout:fixed;min-width:0}.rows .k{min-width:0}"
	".rows .n{width:7em}.rows .t{width:11em}.rows .k{width:6.5em}.rows .k:first-child{width:auto}.rows .w{width:8em}"
	".rows .v{width:170px}"

	/* the chart: the drawing is stretched, its words are not */
	".chart{display:grid;grid-template-columns:max-content 1fr;gap:0 10px;margin:0}"
	".scale{display:flex;flex-direction:column;justify-content:space-between;text-align:right;"
	"font-size:.78rem;line-height:1;color:var(--dim);margin:-.5em 0}"
	".plot{position:relative;height:220px}"
	".plot svg{position:absolute;inset:0;width:100%;height:100%}"
	".chart .axis{grid-column:2}"
	".axis{position:relative;height:1.6em;font-size:.78rem;color:var(--dim)}"
	".axis span{position:absolute;top:.4em;transform:translateX(-50%);white-space:nowrap}"
	"svg{display:block;overflow:visible}"
	"svg line{stroke:var(--line);vector-effect:non-scaling-stroke}"
	"svg g:hover rect{opacity:.8}"
	".s0{fill:var(--s0)}.s1{fill:var(--s1)}.s2{fill:var(--s2)}.s3{fill:var(--s3)}"
	".s4{fill:var(--s4)}.s5{fill:var(--s5)}.s6{fill:var(--s6)}"
	".legend{display:grid;gap:4px 32px;margin:14px 0 0;padding:0;list-style:none;font-size:.9rem;"
	"grid-template-columns:repeat(auto-fill,minmax(230px,1fr))}"
	".legend li{display:flex;gap:8px;align-items:baseline;min-width:0}"
	".legend svg{flex:none;width:10px;height:10px}"
	".legend bdi{flex:1;min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}"
	".spark{width:150px;height:22px;fill:var(--accent)}"

	/* the mosaic of sources, the ledger */
	".mosaic{display:flex;flex-wrap:wrap;gap:3px;margin:0 0 10px}"
	".mosaic i{width:13px;height:13px;border-radius:2px;background:currentColor;opacity:.9}"
	".mosaic .ok{opacity:.38}.mosaic .dim{opacity:.25}.mosaic .bad{border-radius:0}"
	".key{display:flex;flex-wrap:wrap;gap:2px 20px;margin:10px 0 0;padding:0;list-style:none;"
	"font-size:.85rem;color:var(--dim)}"
	".key svg{display:inline-block;width:9px;height:14px;margin-right:6px;vertical-align:-2px}"
	".ledger{display:grid;grid-template-columns:minmax(8em,max-content) 1fr max-content;"
	"gap:8px 16px;align-items:center;font-size:.9rem;grid-auto-flow:dense}"
	".ledger .name{min-width:0;overflow-wrap:anywhere;line-height:1.3}"
	".ledger .name small{display:block;color:var(--dim);font-size:.82rem}"
	".ledger svg{grid-column:2;width:100%;height:26px}.ledger .axis{grid-column:2}"
	".ledger .count{grid-column:3;white-space:nowrap}"
	".c0{fill:var(--accent);opacity:.75}.c1{fill:var(--dim);opacity:.7}"
	".c2{fill:var(--warn)}.c3{fill:var(--bad)}.c4{fill:var(--dim);opacity:.4}"

	/* the weather, the growth */
	".places{display:grid;gap:16px;grid-template-columns:repeat(auto-fill,minmax(250px,1fr))}"
	".place{background:var(--card);border:1px solid var(--line);border-radius:8px;"
	"padding:14px 16px;min-width:0;display:flex;flex-direction:column}"
	".place .curve:not(.small){margin-top:auto}"
	".place h3{display:flex;gap:12px;justify-content:space-between;align-items:baseline;"
	"margin:0;font-size:.95rem;font-weight:600}"
	".place h3 bdi{min-width:0;overflow-wrap:anywhere}"
	".place h3 b{font-size:1.35rem;font-weight:600;white-space:nowrap}"
	".place p{margin:0 0 8px;font-size:.85rem;color:var(--dim);overflow-wrap:anywhere}"
	".curve{width:100%;height:64px}.curve.small{height:20px}"
	".curve path{fill:none;stroke:var(--accent);stroke-width:1.75;stroke-linejoin:round;"
	"stroke-linecap:round;vector-effect:non-scaling-stroke}"
	".curve .second{stroke:var(--dim);stroke-width:1;stroke-dasharray:2 3}"
	".curve .area{stroke:none;fill:var(--accent);opacity:.12}"
	".small path{stroke:var(--dim);stroke-width:1.25}"
	".ends{display:flex;justify-content:space-between;gap:12px;font-size:.78rem;"
	"color:var(--dim);margin:4px 0 0}"
	".twins{display:grid;grid-template-columns:1fr 1fr;gap:16px;margin:10px 0 0;font-size:.78rem;"
	"color:var(--dim)}"
	".twins div{min-width:0;white-space:nowrap}.twins b{color:var(--ink);font-weight:600}"
	"code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace}"

	/* a tablet, a page: what a source's name and its errors need comes before times */
	"@media(max-width:960px),print{.rows .t,.stack .k.minor,.stack .t.minor+.t.minor{display:none}"
	".cards{grid-template-columns:repeat(4,1fr);gap:0 20px}.card b{font-size:1.4rem}}"

	"@media(max-width:640px){main{padding:20px 16px 40px}h1{font-size:1.6rem}.minor{display:none}"
	".cards{grid-template-columns:1fr 1fr;gap:0 20px}"
	".verdict{font-size:1.08rem}section{margin-top:32px}.plot{height:170px}"
	".pair{grid-template-columns:minmax(0,1fr)}th,td{padding-right:12px}"
	"td.meter:not(:last-child) i{right:12px}.k{min-width:6em}"
	".rows .n{width:5.5em}.rows .w{width:7em}.rows .k,.stack .k{min-width:0}"
	".stack thead{display:none}.stack tr{display:flex;flex-wrap:wrap;gap:0 14px;padding:8px 0;"
	"border-bottom:1px solid var(--line)}.stack tr:last-child{border:0}"
	".stack td{border:0;padding:0}.stack td:first-child{flex:1 1 auto;font-weight:600}"
	".stack .k:not(:first-child){flex:1 0 100%;order:3}.stack .meter i{display:none}"
	".alarm{margin-left:-16px;margin-right:-16px;"
	"padding-left:12px;padding-right:16px;border-radius:0}"
	".ledger{grid-template-columns:1fr max-content;gap:2px 12px}"
	".ledger svg,.ledger .axis{grid-column:1/-1}.ledger .count{grid-column:2}"
	".ledger svg{margin-bottom:8px}"
	".legend{grid-template-columns:1fr}}"

	"@media print{:root{color-scheme:light;" LIGHT "--paper:#fff}"
	"body{font-size:10pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}"
	"main{max-width:none;padding:0}.card,.place,tr,figure,.ledger>*,h2{break-inside:avoid}"
	"h2{break-after:avoid}.wide{overflow:visible}section{margin-top:24px}"
	".places{grid-template-columns:1fr 1fr}"
	".pair{grid-template-columns:1fr 1fr;gap:0 24px}summary{color:var(--dim)}"
	"details::details-content{display:block;content-visibility:visible}}";
/* clang-format on */
