/* Smooths curves and shows single seeds. It works on what is drawn, so that on a logarithmic axis the logarithm is smoothed.
   No ampersand and no bracket that opens: the page is read as XML too. */
(function () {
  'use strict';
  var bars = Array.from(document.querySelectorAll('.controls'));
  var charts = Array.from(document.querySelectorAll('svg')).filter(function (svg) { return svg.querySelector('.curve'); });
  if (charts.length === 0) { return; }

  /* A mean of what came before, the weight of which falls by the same factor at every point; the start counts no more than its share. */
  function smoothed(values, weight) {
    var sum = 0, missing = 1;
    return values.map(function (value) {
      sum = weight * sum + (1 - weight) * value;
      missing *= weight;
      return sum / (1 - missing);
    });
  }

  function redraw(path, weight) {
    var drawn = path.dataset.drawn = path.dataset.drawn || path.getAttribute('d');
    var isBand = drawn.endsWith('Z');
    var xs = [], ys = [];
    drawn.match(/-?[0-9.]+/g).forEach(function (number, i) { (i % 2 ? ys : xs).push(Number(number)); });
    if (isBand) { /* forth along its upper edge, and back along its lower one */
      var half = ys.length / 2;
      ys = smoothed(ys.slice(0, half), weight).concat(smoothed(ys.slice(half).reverse(), weight).reverse());
    } else {
      ys = smoothed(ys, weight);
    }
    path.setAttribute('d', 'M' + xs.map(function (x, i) { return x + ' ' + ys[i].toFixed(1); }).join(' ') + (isBand ? 'Z' : ''));
  }

  function smooth(weight) {
    document.body.classList.toggle('smooth', weight > 0);
    charts.forEach(function (svg) {
      svg.querySelectorAll('.curve .line:not(.raw)').forEach(function (line) {
        if (!line.dataset.drawn) { /* as it was measured it stays to be seen, faint */
          var raw = line.cloneNode(true);
          raw.classList.add('raw');
          line.parentNode.insertBefore(raw, line);
        }
      });
      svg.querySelectorAll('.band, .single, .curve .line:not(.raw)').forEach(function (path) { redraw(path, weight); });
    });
  }

  function input(bar, type, words) {
    var label = document.createElement('label');
    var field = document.createElement('input');
    field.type = type;
    label.append(words, field);
    bar.append(label);
    return field;
  }

  var ranges = [], boxes = [];
  bars.forEach(function (bar) {
    var range = input(bar, 'range', 'smoothing ');
    range.min = 0;
    range.max = 0.98;
    range.step = 0.02;
    range.value = 0;
    range.addEventListener('input', function () {
      ranges.forEach(function (other) { other.value = range.value; });
      smooth(Number(range.value));
    });
    ranges.push(range);
    if (document.querySelector('.single')) {
      var box = input(bar, 'checkbox', 'single seeds ');
      box.addEventListener('change', function () {
        boxes.forEach(function (other) { other.checked = box.checked; });
        document.body.classList.toggle('with-singles', box.checked);
      });
      boxes.push(box);
    }
    bar.hidden = false;
  });
})();
