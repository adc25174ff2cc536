import './ui/all.css';
import { render } from 'preact';
import { App } from './app';
import { startRouter } from './core/router';

startRouter();
render(<App />, document.getElementById('app')!);
