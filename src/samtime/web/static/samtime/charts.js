// Draws <canvas data-chart="id"> from the JSON beside it: our ink, hatching besides colour, nothing moves.
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function hatch(colour) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = colour;
  pen.lineWidth = 1.6;
  for (const shift of [-8, 0, 8]) {
    pen.beginPath();
    pen.moveTo(shift, 8);
    pen.lineTo(shift + 8, 0);
    pen.stroke();
  }
  return pen.createPattern(tile, "repeat");
}

function dots(colour, paper) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 6;
  const pen = tile.getContext("2d");
  pen.fillStyle = paper;
  pen.fillRect(0, 0, 6, 6);
  pen.fillStyle = colour;
  pen.fillRect(1, 1, 2, 2);
  return pen.createPattern(tile, "repeat");
}

function look(fill) {
  const ink = token("--st-ink-2");
  const solid = (name) => ({ backgroundColor: token(name), borderWidth: 0 });
  return {
    primary: solid("--st-primary"),
    partner: solid("--st-src-partner"),
    danger: solid("--st-danger-solid"),
    desk: solid("--st-src-desk"),
    assist: { backgroundColor: dots(token("--st-src-assist"), "#fff"), borderColor: token("--st-src-assist"), borderWidth: 1 },
    insurer: { backgroundColor: dots("#fff", token("--st-src-insurer")), borderWidth: 0 },
    hatch: { backgroundColor: hatch(ink), borderColor: ink, borderWidth: 1 },
    "hatch-partner": { backgroundColor: hatch(token("--st-src-partner")), borderColor: token("--st-src-partner"), borderWidth: 1 },
    outline: { backgroundColor: "#fff", borderColor: token("--st-primary"), borderWidth: 1.5 },
  }[fill] || solid("--st-primary");
}

// Figures at the ends of single bars, as texts of the page's language.
const ends = {
  id: "ends",
  afterDatasetsDraw(chart) {
    const texts = chart.options.plugins.ends?.texts;
    if (!texts) return;
    const pen = chart.ctx;
    pen.save();
    pen.font = `600 12px ${chart.options.font.family}`;
    pen.fillStyle = token("--st-ink");
    pen.textBaseline = "middle";
    chart.getDatasetMeta(0).data.forEach((bar, n) => pen.fillText(texts[n], bar.x + 8, bar.y));
    pen.restore();
  },
};

function draw(canvas) {
  const data = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
  const texts = data.series.length === 1 && data.horizontal ? data.series[0].texts : null;
  const family = getComputedStyle(document.body).fontFamily;
  const axis = { color: token("--st-ink-2"), font: { size: 12, family } };
  const counted = { beginAtZero: true, stacked: data.stacked, grid: { color: token("--st-line") }, border: { display: false }, ticks: { ...axis, precision: 0, maxTicksLimit: 5, display: !texts } };
  const named = { stacked: data.stacked, grid: { display: false }, border: { display: false }, ticks: { ...axis, maxRotation: 0, autoSkipPadding: 12 } };
  // Beside a bar there is little room on a phone: a long name stands on several lines there.
  const labels = data.horizontal && canvas.parentElement.clientWidth < 300 ? data.labels.map((name) => (name.length > 10 ? name.split(" ") : name)) : data.labels;
  new window.Chart(canvas, {
    type: "bar",
    data: {
      labels,
      datasets: data.series.map((one) => ({ label: one.name, data: one.values, maxBarThickness: 18, borderRadius: 2, ...look(one.fill) })),
    },
    options: {
      locale: document.documentElement.lang,
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      font: { family },
      indexAxis: data.horizontal ? "y" : "x",
      layout: { padding: { right: texts ? 84 : 8 } },
      scales: data.horizontal ? { x: { ...counted, grid: texts ? { display: false } : counted.grid }, y: named } : { y: counted, x: named },
      plugins: {
        ends: { texts },
        tooltip: { enabled: true, animation: false },
        legend: { display: data.series.length > 1, position: "bottom", labels: { color: token("--st-ink-2"), boxWidth: 12, boxHeight: 12, font: { size: 12, family } } },
      },
    },
    plugins: [ends],
  });
  canvas.closest("[data-chart-box]").hidden = false;
}

document.querySelectorAll("canvas[data-chart]").forEach((canvas) => {
  canvas.closest("[data-chart-box]").hidden = false;
  draw(canvas);
});
