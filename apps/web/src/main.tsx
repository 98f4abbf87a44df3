import { render } from 'preact';
import { App } from './app.tsx';
import { applyTheme, storedTheme } from './theme.ts';
import 'uplot/dist/uPlot.min.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/grid.css';
import './styles/views.css';
import './styles/charts.css';
import './styles/map.css';

applyTheme(storedTheme());
render(<App />, document.getElementById('page')!);
