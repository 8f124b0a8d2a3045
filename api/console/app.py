"""stub."""
from fastapi import FastAPI
def create_console(instance, gate): return FastAPI()
