import { en, type Phrases } from './en.ts';

export const de: Phrases = { ...en, language: 'Deutsch' };
