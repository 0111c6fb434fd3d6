FROM python:3.12-slim

WORKDIR /app
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

# The libraries first: they change less often than the code.
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt

COPY . .
RUN useradd --create-home --uid 10001 app && mkdir /rooms && chown app:app /rooms
USER 10001:10001

# Rooms of a workshop; mount a volume here to keep them.
ENV MAGNET_ROOMS=/rooms
VOLUME /rooms

EXPOSE 8501
HEALTHCHECK --interval=1m --timeout=30s --start-period=20s CMD ["python", "-m", "model", "health"]
ENTRYPOINT ["streamlit", "run", "app.py", "--server.headless=true"]
