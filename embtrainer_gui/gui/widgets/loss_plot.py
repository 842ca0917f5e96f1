"""The four charts of training: is it better yet, and how does it get there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QWidget

from embtrainer_gui.gui.format import count, metric
from embtrainer_gui.gui.models.curve import Curve
from embtrainer_gui.gui.models.plotted_run import PlottedRun, run_token
from embtrainer_gui.gui.models.run_history import GRADIENT, LOSS, PARTS, RATE, SCORE, Axis, RunHistory, Series
from embtrainer_gui.gui.widgets.basics import row
from embtrainer_gui.gui.widgets.curve_key import KeyEntry
from embtrainer_gui.gui.widgets.line_plot import LinePlot

REDRAW_MS = 250
HEIGHT = 300  # at least; all four can be seen in a window of 1280 x 720


class LossPlot(QWidget):
    """``show_runs`` says whose curves to draw; ``refresh`` that some of them grew (drawn at most 4 times a second,
    and only while it can be seen). The charts are made when they are first seen, one after another. ``controls`` is
    for whoever shows them to place.

    Signals: ``drawn``.
    """

    drawn = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs: list[PlottedRun] = []
        self._late = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REDRAW_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._making = QTimer(self)
        self._making.timeout.connect(self._on_making_timeout)
        self.setMinimumHeight(HEIGHT)
        self._build()

    def show_runs(self, runs: Sequence[PlottedRun]) -> None:
        self._runs = list(runs)
        for plot in self._plots:
            plot.show_all()
        self._draw_if_seen()

    def refresh(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def redraw(self) -> None:
        """Draw everything now."""
        self._late = False
        for draw in self.drawings():
            draw()
        self.drawn.emit()

    def drawings(self) -> list[Callable[[], None]]:
        """What draws each of the charts, first to last."""
        return [
            self._draw_score,
            self._draw_loss,
            lambda: self._draw_plain(self.rate, RATE),
            lambda: self._draw_plain(self.gradient, GRADIENT),
        ]

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(640, HEIGHT)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if self._late:
            self.redraw()
        if self._unmade:
            self._making.start()

    def _build(self) -> None:
        self.score = LinePlot(
            self.tr("Dev nDCG@10"),
            self.tr("How high the right passage stands among the first ten hits, on papers that are not trained on."),
        )
        self.loss = LinePlot(
            self.tr("Loss"),
            self.tr(
                "What training makes smaller, and dashed its parts, where there are some, before their weights. It says"
                " little about search: look at the first chart."
            ),
        )
        self.rate = LinePlot(self.tr("Learning rate"), self.tr("Size of a step: it rises, then falls to zero."))
        self.gradient = LinePlot(
            self.tr("Gradient norm"), self.tr("How strongly a step pulls at the weights, before it is limited.")
        )
        self._plots = (self.score, self.loss, self.rate, self.gradient)
        self._unmade = list(self._plots)
        self.axis = QComboBox()
        self.axis.addItem(self.tr("By step"), "steps")
        self.axis.addItem(self.tr("By pass"), "epochs")
        self.axis.addItem(self.tr("By time"), "seconds")
        self.axis.setObjectName("train.axis")
        self.axis.setAccessibleName(self.tr("Along the charts"))
        self.log = QCheckBox(self.tr("Log loss"))
        self.log.setObjectName("train.log")
        self.log.setToolTip(self.tr("The loss on a logarithmic scale"))
        self.controls = QWidget(self)
        self.controls.setLayout(row(self.axis, self.log, spacing=16))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        for place, plot in enumerate(self._plots):
            grid.addWidget(plot, place // 2, place % 2)
            plot.reset.connect(self._on_plot_reset)
        for number, stretch in enumerate((3, 2)):
            grid.setColumnStretch(number, stretch)
            grid.setRowStretch(number, stretch)
        self.axis.currentIndexChanged.connect(self._on_axis_changed)
        self.log.toggled.connect(self._on_log_toggled)

    def _draw_score(self) -> None:
        curves = [
            Curve(
                self._along(run.history.series[SCORE]),
                run.history.series[SCORE].values,
                run.token,
                wide=True,
                dots=True,
            )
            for run in self._drawn_runs()
        ]
        first = self._runs[0].history if self._runs else None
        if first and first.untrained is not None and curves:
            curves.append(self._level(first.untrained))
        self.score.show_curves(curves)
        self.score.set_note(self._score_words(first) if first else "")

    def _draw_plain(self, plot: LinePlot, name: str) -> None:
        plot.show_curves([self._raw(run.history.series[name], run.token) for run in self._drawn_runs()])
        plot.set_note(self._last(name))

    def _draw_loss(self) -> None:
        curves = []
        for number, run in enumerate(self._drawn_runs()):
            series = run.history.series[LOSS]
            if number == 0:
                curves.append(self._raw(series, run.token, faint=True))
            curves.append(Curve(self._along(series), series.smooth, run.token, wide=True))
        key = []
        for number, (name, series) in enumerate(self._parts()):
            token = run_token(number + 1)
            curves.append(Curve(self._along(series), series.smooth, token, dashed=True))
            key.append(KeyEntry(token, self._part_words()[name], metric(series.smooth[-1])))
        self.loss.show_curves(curves)
        self.loss.set_note(self._last(LOSS), key)

    def _parts(self) -> list[tuple[str, Series]]:
        """Those that the first run has, where it is the only one: more lines than that nobody can tell apart."""
        drawn = self._drawn_runs()
        found = [(name, drawn[0].history.series[name]) for name in PARTS] if len(drawn) == 1 else []
        return [(name, series) for name, series in found if len(series)]

    def _part_words(self) -> dict[str, str]:
        return {
            "answer_loss": self.tr("answers"),
            "title_loss": self.tr("titles"),
            "excerpt_loss": self.tr("excerpts"),
            "divergence": self.tr("keeping"),
            "lexical_divergence": self.tr("rare words"),
        }

    def _raw(self, series: Series, token: str, *, faint: bool = False) -> Curve:
        return Curve(self._along(series), series.values, token, faint, extremes=series.extremes)

    def _level(self, value: float) -> Curve:
        """The untrained model's score from the first to the last step of any run."""
        columns = [self._along(series) for run in self._drawn_runs() for series in run.history.series.values()]
        return Curve(
            [0.0, max([1.0, *(along[-1] for along in columns if along)])], [value, value], "text-2", dashed=True
        )

    def _along(self, series: Series) -> Sequence[float]:
        return series.along(self._axis())

    def _axis(self) -> Axis:
        chosen: Axis = self.axis.currentData()
        return chosen

    def _drawn_runs(self) -> list[PlottedRun]:
        """Those that know where they stand along the charts."""
        return [run for run in self._runs if self._axis() != "seconds" or run.history.timed]

    def _score_words(self, history: RunHistory) -> str:
        if self._axis() == "seconds" and not history.timed:
            return self.tr("this run did not record times")
        if history.untrained is None:
            return self.tr("comes with the first check")
        words = self.tr("untrained {value} (dashed)").format(value=metric(history.untrained))
        best = history.best
        if history.latest is None or best is None:
            return words
        return self.tr("{value} best, step {step}").format(value=metric(best[1]), step=count(best[0])) + " · " + words

    def _last(self, name: str) -> str:
        values = self._runs[0].history.series[name] if self._runs else None
        if not values:
            return ""
        if name == LOSS:
            return metric(values.smooth[-1])
        return f"{values.values[-1]:.2g}" if name == RATE else f"{values.values[-1]:.2f}"

    def _draw_if_seen(self) -> None:
        if self.isVisible():
            self.redraw()
        else:
            self._late = True

    def _on_timer_timeout(self) -> None:
        self._draw_if_seen()

    def _on_making_timeout(self) -> None:
        """The drawing of one chart a turn of the event loop: all four at once would be felt."""
        self._unmade.pop(0).area.show()
        if not self._unmade:
            self._making.stop()

    def _on_axis_changed(self) -> None:
        for plot in self._plots:
            plot.area.set_axis(self._axis())
        self.show_runs(self._runs)

    def _on_log_toggled(self, log: bool) -> None:
        self.loss.area.set_log(log)

    def _on_plot_reset(self) -> None:
        for plot in self._plots:
            plot.show_all()
