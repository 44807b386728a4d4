package main

import (
	"io"
	"log/slog"
)

// logger returns the log that the settings ask for.
func (c *Config) logger(w io.Writer) *slog.Logger {
	return c.loggerAt(w, c.level())
}

// quietLogger is for commands, which tell people what they did in plain words: only what is wrong is logged, or all for who debugs.
func (c *Config) quietLogger(w io.Writer) *slog.Logger {
	level := c.level()
	if level == slog.LevelInfo {
		level = slog.LevelWarn
	}
	return c.loggerAt(w, level)
}

func (c *Config) loggerAt(w io.Writer, level slog.Level) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

func (c *Config) level() slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		return slog.LevelInfo
	}
	return level
}
