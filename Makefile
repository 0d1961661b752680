# Every target sets up what it needs by itself (.venv; a second run is instant).
# 每个目标都会自行准备运行环境；DATA_DIR、PYTHON 可在命令行指定，如 make demo DATA_DIR=/srv/xinfang

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
export PYTHONUTF8 := 1

BIN := .venv/bin
XINFANG := $(BIN)/xinfang
DATA_DIR ?= ./data
ARGS ?=
# A worker per core, a file never split; ARGS="-n 0" runs in one process.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: help setup setup-run demo run test test-long test-servers test-all sim fuzz chaos lint types imports migrate contracts docs decisions hooks bench lock image up down clean

help: ## this list 显示本帮助
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: setup-run ## see it work: import, replay, figures, leave it running 演示：导入、重放、出数并保持运行
	@$(XINFANG) demo $(ARGS)

run: setup-run ## serve all four services on one port 启动全部四个服务（单进程）
	@$(XINFANG) serve --data-dir "$(DATA_DIR)" $(ARGS)

migrate: setup-run ## bring databases and topology up to date 迁移数据库并声明消息拓扑
	@$(XINFANG) migrate --data-dir "$(DATA_DIR)" $(ARGS)

test: setup ## the whole suite, embedded: SQLite, no broker 运行全部测试（内嵌模式）
	@XINFANG_TEST_BACKENDS=embedded $(PYTEST) $(ARGS)

test-long: setup ## the long ones among them: kills, tails, whole commands 运行其中耗时较长的测试
	@XINFANG_TEST_BACKENDS=embedded XINFANG_TEST_LONG=1 $(PYTEST) $(ARGS)

test-all: test test-long test-servers ## all of them, one after the other 依次运行全部测试

test-servers: setup ## what differs on PostgreSQL + RabbitMQ, there 在 PostgreSQL + RabbitMQ 上运行相关测试
	@urls=$$(scripts/services.sh) && eval "$$urls" && \
		XINFANG_TEST_BACKENDS=separated $(PYTEST) $(ARGS)

lint: setup ## format and lint checks 格式与静态检查
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: setup ## mypy --strict 类型检查
	@$(BIN)/mypy

sim: setup ## simulate many seeds of crashes and disorder (SEEDS=10000) 确定性故障模拟
	@$(BIN)/python -m tests.sim --seeds $(or $(SEEDS),10000) $(ARGS)

fuzz: setup ## schemathesis over every service as every role (CASES=50000) 按接口文档模糊测试
	@$(BIN)/python -m tests.fuzz --cases $(or $(CASES),50000) $(ARGS)

chaos: setup ## kill and cut real processes, check from outside (ARGS=--smoke) 真实进程故障演练
	@urls=$$(scripts/services.sh) && eval "$$urls" && $(BIN)/python -m tests.chaos $(ARGS)

imports: setup ## who may import whom 模块依赖规则检查
	@$(BIN)/lint-imports

contracts: setup ## rewrite frozen schemas and docs/events.md 重新生成事件契约与 docs/events.md
	@$(XINFANG) contracts $(ARGS)

docs: setup ## the documents and the API reference as a site in build/site 生成文档站点
	@$(BIN)/python docs/site/api_pages.py contracts/openapi build/api
	@$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going -c docs/site . build/site $(ARGS)
	@echo "build/site/index.html"

hooks: setup ## check each commit with the tools of .venv 安装提交前检查
	@$(BIN)/pre-commit install

decisions: setup ## write the list of docs/decisions from its records 重新生成决策记录目录
	@$(BIN)/python scripts/decision_index.py

bench: setup ## ratios against ceilings of the same run, as JSON 性能基准（与同次运行的上限比值）
	@$(BIN)/python -m bench $(ARGS)

lock: setup ## pin dependencies again (UPGRADE=1 takes newer ones) 重新锁定依赖版本
	@scripts/lock.sh $(if $(UPGRADE),--upgrade)

image: ## the Dockerfile's steps in a clean folder, without an engine 在空目录中执行 Dockerfile 的步骤
	@python3 scripts/check_image.py

up: ## docker compose: PostgreSQL, RabbitMQ, four services 用 docker compose 启动
	@sh scripts/compose_env.sh
	docker compose up --build --detach --wait

down: ## stop compose, keep its volumes 停止 compose（保留数据卷）
	docker compose down

clean: ## remove .venv and caches, never data 清除虚拟环境与缓存（不动数据）
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup:
	@sh scripts/bootstrap.sh dev

setup-run:
	@sh scripts/bootstrap.sh run
