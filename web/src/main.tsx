import './ui/all.css';
import { render } from 'preact';
import { App } from './app';
import { startRouter } from './core/router';
import { putLanguage } from './pages/look';

startRouter();
await putLanguage();
render(<App />, document.getElementById('app')!);
